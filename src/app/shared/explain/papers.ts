export interface Paper {
  authors: string;
  year: number;
  title: string;
  /** Its number there. */
  arxiv: string;
}

/** By first author and year. */
export const PAPERS = {
  ho2020: {
    authors: "Ho, Jain, Abbeel",
    year: 2020,
    title: "Denoising diffusion probabilistic models",
    arxiv: "2006.11239",
  },
  song2021: {
    authors: "Song, Meng, Ermon",
    year: 2021,
    title: "Denoising diffusion implicit models",
    arxiv: "2010.02502",
  },
  salimans2022: {
    authors: "Salimans, Ho",
    year: 2022,
    title: "Progressive distillation for fast sampling of diffusion models",
    arxiv: "2202.00512",
  },
  nichol2021: {
    authors: "Nichol, Dhariwal",
    year: 2021,
    title: "Improved denoising diffusion probabilistic models",
    arxiv: "2102.09672",
  },
  jabri2022: {
    authors: "Jabri, Fleet, Chen",
    year: 2022,
    title: "Scalable adaptive computation for iterative generation",
    arxiv: "2212.11972",
  },
  kingma2021: {
    authors: "Kingma, Salimans, Poole, Ho",
    year: 2021,
    title: "Variational diffusion models",
    arxiv: "2107.00630",
  },
  hang2023: {
    authors: "Hang et al.",
    year: 2023,
    title: "Efficient diffusion training via min-SNR weighting strategy",
    arxiv: "2303.09556",
  },
  choi2022: {
    authors: "Choi et al.",
    year: 2022,
    title: "Perception prioritized training of diffusion models",
    arxiv: "2204.00227",
  },
  pascanu2013: {
    authors: "Pascanu, Mikolov, Bengio",
    year: 2013,
    title: "On the difficulty of training recurrent neural networks",
    arxiv: "1211.5063",
  },
  song2020: {
    authors: "Song, Ermon",
    year: 2020,
    title: "Improved techniques for training score-based generative models",
    arxiv: "2006.09011",
  },
  heusel2017: {
    authors: "Heusel et al.",
    year: 2017,
    title: "GANs trained by a two time-scale update rule converge to a local Nash equilibrium",
    arxiv: "1706.08500",
  },
  chong2019: {
    authors: "Chong, Forsyth",
    year: 2019,
    title: "Effectively unbiased FID and Inception score and where to find them",
    arxiv: "1911.07023",
  },
} as const satisfies Record<string, Paper>;
