"""The parts of the library denoising_diffusion_pytorch (2.3.1) that the notebook and the benchmark use, by the same names.

It stands in for the library, which needs a dozen packages, and needs nothing but torch: the U-Net without flash
attention, and the diffusion with its schedules, its weights of the loss, and DDIM.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

NUM_MEMORY = 4


class SinusoidalPosEmb(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.half = dim // 2

    def forward(self, timesteps):
        steps = torch.arange(self.half, device=timesteps.device) * (-math.log(10_000) / (self.half - 1))
        angles = timesteps[:, None] * steps.exp()
        return torch.cat((angles.sin(), angles.cos()), -1)


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.g = nn.Parameter(torch.ones(1, dim, 1, 1))

    def forward(self, x):
        return F.normalize(x, dim=1) * self.g * x.shape[1] ** 0.5


class Block(nn.Module):
    def __init__(self, num_in, num_out, dropout=0.0):
        super().__init__()
        self.proj = nn.Conv2d(num_in, num_out, 3, padding=1)
        self.norm = RMSNorm(num_out)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, film=None):
        x = self.norm(self.proj(x))
        if film is not None:
            x = x * (film[0] + 1) + film[1]
        return self.dropout(F.silu(x))


class ResnetBlock(nn.Module):
    def __init__(self, num_in, num_out, time_dim, dropout):
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(time_dim, 2 * num_out))
        self.block1 = Block(num_in, num_out, dropout)
        self.block2 = Block(num_out, num_out)
        self.res_conv = nn.Conv2d(num_in, num_out, 1) if num_in != num_out else nn.Identity()

    def forward(self, x, time_embedding):
        film = self.mlp(time_embedding)[:, :, None, None].chunk(2, dim=1)
        return self.block2(self.block1(x, film)) + self.res_conv(x)


class Attention(nn.Module):
    """Softmax attention over all positions, or linear attention (Shen et al. 2018)."""

    def __init__(self, dim, heads, dim_head, is_full):
        super().__init__()
        self.heads, self.dim_head, self.is_full = heads, dim_head, is_full
        memory = (2, heads, NUM_MEMORY, dim_head) if is_full else (2, heads, dim_head, NUM_MEMORY)
        self.norm = RMSNorm(dim)
        self.mem_kv = nn.Parameter(torch.randn(memory))
        self.to_qkv = nn.Conv2d(dim, 3 * heads * dim_head, 1, bias=False)
        to_out = nn.Conv2d(heads * dim_head, dim, 1)
        self.to_out = to_out if is_full else nn.Sequential(to_out, RMSNorm(dim))

    def forward(self, x):
        b, _, h, w = x.shape
        qkv = self.to_qkv(self.norm(x)).reshape(b, 3, self.heads, self.dim_head, h * w)
        memory = [m.expand(b, -1, -1, -1) for m in self.mem_kv]
        scale = self.dim_head**-0.5
        if self.is_full:
            q, k, v = qkv.transpose(-1, -2).unbind(1)
            k, v = torch.cat((memory[0], k), -2), torch.cat((memory[1], v), -2)
            weights = (q @ k.transpose(-1, -2) * scale).softmax(-1)
            out = (weights @ v).transpose(-1, -2)
        else:
            q, k, v = qkv.unbind(1)
            k, v = torch.cat((memory[0], k), -1), torch.cat((memory[1], v), -1)
            context = k.softmax(-1) @ v.transpose(-1, -2)
            out = context.transpose(-1, -2) @ (q.softmax(-2) * scale)
        return self.to_out(out.reshape(b, -1, h, w)) + x


class Unet(nn.Module):
    def __init__(
        self, dim, dim_mults=(1, 2, 4, 8), channels=3, dropout=0.0, attn_heads=4, attn_dim_head=32,
        self_condition=False, flash_attn=False,
    ):
        super().__init__()
        self.self_condition = self_condition
        time_dim = 4 * dim
        block = lambda num_in, num_out: ResnetBlock(num_in, num_out, time_dim, dropout)
        attention = lambda width, is_full: Attention(width, attn_heads, attn_dim_head, is_full)
        self.init_conv = nn.Conv2d(channels * (2 if self_condition else 1), dim, 7, padding=3)
        self.time_mlp = nn.Sequential(
            SinusoidalPosEmb(dim), nn.Linear(dim, time_dim), nn.GELU(), nn.Linear(time_dim, time_dim)
        )
        widths = [dim, *(dim * mult for mult in dim_mults)]
        levels = list(enumerate(zip(widths[:-1], widths[1:])))
        last = len(dim_mults) - 1
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level, (outer, inner) in levels:
            unshuffle = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * outer, inner, 1))
            resize = nn.Conv2d(outer, inner, 3, padding=1) if level == last else unshuffle
            blocks = block(outer, outer), block(outer, outer)
            self.downs.append(nn.ModuleList([*blocks, attention(outer, level == last), resize]))
        middle = widths[-1]
        self.mid_block1, self.mid_block2 = block(middle, middle), block(middle, middle)
        self.mid_attn = attention(middle, True)
        for level, (outer, inner) in reversed(levels):
            conv = nn.Conv2d(inner, outer, 3, padding=1)
            resize = conv if level == 0 else nn.Sequential(nn.Upsample(scale_factor=2), conv)
            blocks = block(inner + outer, inner), block(inner + outer, inner)
            self.ups.append(nn.ModuleList([*blocks, attention(inner, level == last), resize]))
        self.final_res_block = block(2 * dim, dim)
        self.final_conv = nn.Conv2d(dim, channels, 1)

    def forward(self, x, time, x_self_cond=None):
        if self.self_condition:
            x = torch.cat((torch.zeros_like(x) if x_self_cond is None else x_self_cond, x), 1)
        t = self.time_mlp(time)
        x = first = self.init_conv(x)
        skips = []
        for block1, block2, attend, resize in self.downs:
            x = block1(x, t)
            skips.append(x)
            x = attend(block2(x, t))
            skips.append(x)
            x = resize(x)
        x = self.mid_block2(self.mid_attn(self.mid_block1(x, t)), t)
        for block1, block2, attend, resize in self.ups:
            x = block1(torch.cat((x, skips.pop()), 1), t)
            x = block2(torch.cat((x, skips.pop()), 1), t)
            x = resize(attend(x))
        return self.final_conv(self.final_res_block(torch.cat((x, first), 1), t))


def alphas_cumprod(schedule, num_steps):
    if schedule == "linear":
        scale = 1000 / num_steps
        betas = torch.linspace(scale * 0.0001, scale * 0.02, num_steps, dtype=torch.float64)
    else:
        t = torch.linspace(0, num_steps, num_steps + 1, dtype=torch.float64) / num_steps
        if schedule == "cosine":
            alphas = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
        else:
            start, end = torch.tensor([-3.0, 3.0], dtype=torch.float64).sigmoid()
            alphas = (end - (6 * t - 3).sigmoid()) / (end - start)
        alphas = alphas / alphas[0]
        betas = (1 - alphas[1:] / alphas[:-1]).clip(0, 0.999)
    return (1 - betas).cumprod(0)


class GaussianDiffusion(nn.Module):
    def __init__(
        self, model, *, image_size, timesteps, sampling_timesteps, objective, beta_schedule,
        min_snr_loss_weight=False, min_snr_gamma=5,
    ):
        super().__init__()
        self.model, self.objective = model, objective
        self.shape = (1, image_size, image_size)
        self.num_steps, self.num_sampled = timesteps, sampling_timesteps
        signal = alphas_cumprod(beta_schedule, timesteps)
        self.register_buffer("signal", signal.sqrt().float())
        self.register_buffer("noise", (1 - signal).sqrt().float())
        snr = signal / (1 - signal)
        clipped = snr.clip(max=min_snr_gamma) if min_snr_loss_weight else snr
        weights = {"pred_noise": clipped / snr, "pred_x0": clipped, "pred_v": clipped / (snr + 1)}
        self.register_buffer("loss_weight", weights[objective].float())

    def at(self, t):
        """The shares of image and noise, [B, 1, 1, 1]."""
        return self.signal[t].reshape(-1, 1, 1, 1), self.noise[t].reshape(-1, 1, 1, 1)

    def q_sample(self, x_start, t, noise):
        signal, share = self.at(t)
        return signal * x_start + share * noise

    def predict_v(self, x_start, t, noise):
        signal, share = self.at(t)
        return signal * noise - share * x_start

    def predict_start_from_v(self, x_t, t, v):
        signal, share = self.at(t)
        return signal * x_t - share * v

    def predict_start_from_noise(self, x_t, t, noise):
        signal, share = self.at(t)
        return (x_t - share * noise) / signal

    def start_of(self, x_t, t, prediction):
        if self.objective == "pred_x0":
            return prediction
        from_v = self.objective == "pred_v"
        return (self.predict_start_from_v if from_v else self.predict_start_from_noise)(x_t, t, prediction)

    @torch.inference_mode()
    def sample(self, batch_size):
        """DDIM, in [0, 1]."""
        x, x_0 = torch.randn(batch_size, *self.shape, device=self.signal.device), None
        times = torch.linspace(-1, self.num_steps - 1, self.num_sampled + 1).int().tolist()
        for time, before in zip(times[:0:-1], times[-2::-1]):
            t = torch.full((batch_size,), time, device=x.device)
            prediction = self.model(x, t, x_0 if self.model.self_condition else None)
            x_0 = self.start_of(x, t, prediction).clip(-1, 1)
            signal, share = self.at(t)
            noise = (x - signal * x_0) / share
            x = x_0 if before < 0 else self.q_sample(x_0, torch.full_like(t, before), noise)
        return (x + 1) / 2
