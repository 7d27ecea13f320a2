"""Times a training step of the assignment's U-Net in PyTorch eager: what `npm run bench:card` compares with.

    python3 tests/bench/torchStep.py --device cuda --batch 128 --steps 50

prints JSON. It needs nothing but torch. The network is that of denoising_diffusion_pytorch, as
tests/pytorch/denoising_diffusion_pytorch.py has it without flash attention; forward, mean squared error,
backward and AdamW on random images of MNIST's size.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent / "pytorch"))
from denoising_diffusion_pytorch import Unet

IMAGE_SIZE = 28


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
    unet = Unet(dim=32, dim_mults=(1, 2, 5), channels=1).to(args.device)
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
