export interface Paper {
  authors: string;
  year: number;
  title: string;
  arxiv: string;
}

/** By first author and year. */
export const PAPERS = {
  bengio2013: {
    authors: "Bengio, Yao, Alain, Vincent",
    year: 2013,
    title: "Generalized denoising auto-encoders as generative models",
    arxiv: "1305.6663",
  },
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
  lugmayr2022: {
    authors: "Lugmayr et al.",
    year: 2022,
    title: "RePaint: inpainting using denoising diffusion probabilistic models",
    arxiv: "2201.09865",
  },
  geng2024: {
    authors: "Geng, Park, Owens",
    year: 2024,
    title: "Visual anagrams: generating multi-view optical illusions with diffusion models",
    arxiv: "2311.17919",
  },
  vaswani2017: {
    authors: "Vaswani et al.",
    year: 2017,
    title: "Attention is all you need",
    arxiv: "1706.03762",
  },
  shen2018: {
    authors: "Shen, Zhang, Zhao, Yi, Li",
    year: 2018,
    title: "Efficient attention: attention with linear complexities",
    arxiv: "1812.01243",
  },
  lu2022: {
    authors: "Lu et al.",
    year: 2022,
    title: "DPM-Solver++: fast solver for guided sampling of diffusion probabilistic models",
    arxiv: "2211.01095",
  },
  karras2022: {
    authors: "Karras, Aittala, Aila, Laine",
    year: 2022,
    title: "Elucidating the design space of diffusion-based generative models",
    arxiv: "2206.00364",
  },
  dhariwal2021: {
    authors: "Dhariwal, Nichol",
    year: 2021,
    title: "Diffusion models beat GANs on image synthesis",
    arxiv: "2105.05233",
  },
  salimans2022: {
    authors: "Salimans, Ho",
    year: 2022,
    title: "Progressive distillation for fast sampling of diffusion models",
    arxiv: "2202.00512",
  },
  meng2023: {
    authors: "Meng et al.",
    year: 2023,
    title: "On distillation of guided diffusion models",
    arxiv: "2210.03142",
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
  lipman2023: {
    authors: "Lipman et al.",
    year: 2023,
    title: "Flow matching for generative modeling",
    arxiv: "2210.02747",
  },
  liu2023: {
    authors: "Liu, Gong, Liu",
    year: 2023,
    title: "Flow straight and fast: learning to generate and transfer data with rectified flow",
    arxiv: "2209.03003",
  },
  esser2024: {
    authors: "Esser et al.",
    year: 2024,
    title: "Scaling rectified flow transformers for high-resolution image synthesis",
    arxiv: "2403.03206",
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
  theis2016: {
    authors: "Theis, van den Oord, Bethge",
    year: 2016,
    title: "A note on the evaluation of generative models",
    arxiv: "1511.01844",
  },
  heusel2017: {
    authors: "Heusel et al.",
    year: 2017,
    title: "GANs trained by a two time-scale update rule converge to a local Nash equilibrium",
    arxiv: "1706.08500",
  },
  hoSalimans2022: {
    authors: "Ho, Salimans",
    year: 2022,
    title: "Classifier-free diffusion guidance",
    arxiv: "2207.12598",
  },
  chong2019: {
    authors: "Chong, Forsyth",
    year: 2019,
    title: "Effectively unbiased FID and Inception score and where to find them",
    arxiv: "1911.07023",
  },
} as const satisfies Record<string, Paper>;
