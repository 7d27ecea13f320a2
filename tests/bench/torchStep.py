"""Times a training step of the assignment's U-Net in PyTorch eager: what `npm run bench:card` compares with.

    python3 tests/bench/torchStep.py --device cuda --batch 128 --steps 50

prints JSON. It needs nothing but torch. The network is that of denoising_diffusion_pytorch's Unet(dim=32,
dim_mults=(1, 2, 5), channels=1), with attention as it is there without flash attention; forward, mean
squared error, backward and AdamW on random images of MNIST's size.
"""

import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

DIM, MULTS, HEADS, DIM_HEAD, NUM_MEMORY, IMAGE_SIZE = 32, (1, 2, 5), 4, 32, 4, 28


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.g = nn.Parameter(torch.ones(1, dim, 1, 1))

    def forward(self, x):
        return F.normalize(x, dim=1) * self.g * x.shape[1] ** 0.5


class Block(nn.Module):
    def __init__(self, num_in, num_out):
        super().__init__()
        self.proj = nn.Conv2d(num_in, num_out, 3, padding=1)
        self.norm = RMSNorm(num_out)

    def forward(self, x, film=None):
        x = self.norm(self.proj(x))
        if film is not None:
            x = x * (film[0] + 1) + film[1]
        return F.silu(x)


class ResnetBlock(nn.Module):
    def __init__(self, num_in, num_out):
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(4 * DIM, 2 * num_out))
        self.block1 = Block(num_in, num_out)
        self.block2 = Block(num_out, num_out)
        self.res_conv = nn.Conv2d(num_in, num_out, 1) if num_in != num_out else nn.Identity()

    def forward(self, x, time_embedding):
        film = self.mlp(time_embedding)[:, :, None, None].chunk(2, dim=1)
        return self.block2(self.block1(x, film)) + self.res_conv(x)


class Attention(nn.Module):
    """Softmax attention over all positions, or linear attention (Shen et al. 2018)."""

    def __init__(self, dim, is_full):
        super().__init__()
        self.is_full = is_full
        memory = (2, HEADS, NUM_MEMORY, DIM_HEAD) if is_full else (2, HEADS, DIM_HEAD, NUM_MEMORY)
        self.norm = RMSNorm(dim)
        self.mem_kv = nn.Parameter(torch.randn(memory))
        self.to_qkv = nn.Conv2d(dim, 3 * HEADS * DIM_HEAD, 1, bias=False)
        to_out = nn.Conv2d(HEADS * DIM_HEAD, dim, 1)
        self.to_out = to_out if is_full else nn.Sequential(to_out, RMSNorm(dim))

    def forward(self, x):
        b, _, h, w = x.shape
        qkv = self.to_qkv(self.norm(x)).reshape(b, 3, HEADS, DIM_HEAD, h * w)
        memory = [m.expand(b, -1, -1, -1) for m in self.mem_kv]
        if self.is_full:
            q, k, v = qkv.transpose(-1, -2).unbind(1)
            k, v = torch.cat((memory[0], k), -2), torch.cat((memory[1], v), -2)
            weights = (q @ k.transpose(-1, -2) * DIM_HEAD**-0.5).softmax(-1)
            out = (weights @ v).transpose(-1, -2)
        else:
            q, k, v = qkv.unbind(1)
            k, v = torch.cat((memory[0], k), -1), torch.cat((memory[1], v), -1)
            context = k.softmax(-1) @ v.transpose(-1, -2)
            out = context.transpose(-1, -2) @ (q.softmax(-2) * DIM_HEAD**-0.5)
        return self.to_out(out.reshape(b, -1, h, w)) + x


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.init_conv = nn.Conv2d(1, DIM, 7, padding=3)
        self.time_mlp = nn.Sequential(nn.Linear(DIM, 4 * DIM), nn.GELU(), nn.Linear(4 * DIM, 4 * DIM))
        widths = [DIM, *(DIM * mult for mult in MULTS)]
        levels = list(enumerate(zip(widths[:-1], widths[1:])))
        last = len(MULTS) - 1
        self.downs, self.ups = nn.ModuleList(), nn.ModuleList()
        for level, (outer, inner) in levels:
            unshuffle = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4 * outer, inner, 1))
            resize = nn.Conv2d(outer, inner, 3, padding=1) if level == last else unshuffle
            blocks = ResnetBlock(outer, outer), ResnetBlock(outer, outer)
            self.downs.append(nn.ModuleList([*blocks, Attention(outer, level == last), resize]))
        middle = widths[-1]
        self.mid_block1, self.mid_block2 = ResnetBlock(middle, middle), ResnetBlock(middle, middle)
        self.mid_attn = Attention(middle, True)
        for level, (outer, inner) in reversed(levels):
            conv = nn.Conv2d(inner, outer, 3, padding=1)
            resize = conv if level == 0 else nn.Sequential(nn.Upsample(scale_factor=2), conv)
            blocks = ResnetBlock(inner + outer, inner), ResnetBlock(inner + outer, inner)
            self.ups.append(nn.ModuleList([*blocks, Attention(inner, level == last), resize]))
        self.final_res_block = ResnetBlock(2 * DIM, DIM)
        self.final_conv = nn.Conv2d(DIM, 1, 1)

    def forward(self, x, timesteps):
        half = DIM // 2
        steps = torch.arange(half, device=x.device) * (-math.log(10_000) / (half - 1))
        angles = timesteps[:, None] * steps.exp()
        t = self.time_mlp(torch.cat((angles.sin(), angles.cos()), -1))
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


def time_steps(unet, args):
    """Milliseconds of steps, without the first three, which choose algorithms."""
    optimizer = torch.optim.AdamW(unet.parameters(), lr=1e-3)
    images = torch.randn(args.batch, 1, IMAGE_SIZE, IMAGE_SIZE, device=args.device)
    noise = torch.randn_like(images)
    timesteps = torch.randint(0, 1000, (args.batch,), device=args.device)
    wait = torch.cuda.synchronize if args.device == "cuda" else lambda: None
    times = []
    num_warmup = 3 if args.device == "cuda" else 1
    for _ in range(num_warmup + args.steps):
        wait()
        start = time.perf_counter()
        optimizer.zero_grad()
        F.mse_loss(unet(images, timesteps), noise).backward()
        optimizer.step()
        wait()
        times.append(1000 * (time.perf_counter() - start))
    times = sorted(times[num_warmup:])
    quartiles = statistics.quantiles(times, method="inclusive") if len(times) > 1 else times * 3
    return {"stepMs": statistics.median(times), "stepSpreadMs": quartiles[2] - quartiles[0]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=50)
    args = parser.parse_args()
    unet = Unet().to(args.device)
    # PyTorch's own choice rounds the factors of convolutions to 10 bits where the card can (TF32).
    default = time_steps(unet, args)
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    result = {
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "device": torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
        "parameters": sum(p.numel() for p in unet.parameters()),
        "batchSize": args.batch,
        "numSteps": args.steps,
        "float32": time_steps(unet, args),
        "default": default,
    }
    if args.device == "cuda":
        result["peakBytes"] = torch.cuda.max_memory_allocated()
    print(json.dumps(result))


main()
