/** What the view Lessons offers, as data. Every number in an answer was measured; `measured` says of what. */
import type { ViewName } from "../../state/slices/view.ts";
import type { TrainedModelFile } from "../../state/trainedModels.ts";

/** What one click sets up: settings, as the query of a link that Export makes, a trained network, or Draw, by its own query. */
export type Setup = { label: string } & (
  | {
      query: string;
      /** What 2D shows of points, by its own query; its defaults when left out. */
      plane?: string;
    }
  | { model: TrainedModelFile }
  | { draw: string }
);

export interface Course {
  title: string;
  about: string;
  /** Plainly, what is not as the course has it. */
  differs: string;
  setups: readonly Setup[];
  /** Where its own material is. */
  page: string;
}

export interface Lesson {
  title: string;
  question: string;
  setups: readonly Setup[];
  /** In the order of the experiment; the link to the view stands before the words. */
  look: readonly { view: ViewName; words: string }[];
  answer: string;
  /** The settings and samples that the answer's numbers were measured with. */
  measured: string;
}

export const COURSES: readonly Course[] = [
  {
    title: "The assignment",
    about:
      "The course assignment that this page follows: the U-Net and the diffusion of denoising_diffusion_pytorch, 3.4 million parameters, 100 epochs. The dashed line in the loss chart is its own training in PyTorch.",
    differs:
      "The noise of the validation is the same each time, so that losses compare; the assignment drew it anew (Validation noise: fresh). All else is as it was. It is made for a graphics card: without one a step takes several seconds.",
    setups: [{ label: "Assignment", query: "preset=assignment" }],
    page: "https://github.com/lucidrains/denoising-diffusion-pytorch",
  },
  {
    title: "Berkeley CS180, project 5, part B: flow matching",
    about:
      "First a network that is told only the timestep, then one that is told the digit too, with a tenth of the labels hidden, and guidance 5. Laptop uses the same batch size (64) and 10 epochs. MIT's 6.S184 teaches the same steps, so these links serve it too.",
    differs:
      "The U-Net is not theirs. Theirs has batch normalization, GELU, 64 channels and no attention, and learns about time and digit in two places; this one has RMS norm, SiLU, 24 channels and attention, and learns about both in every block. They use Adam at a rate of 0.01 that decays to a tenth; here it is AdamW at 0.001, along half a cosine. So losses cannot be compared, but the digits can. Their warm-up, a denoiser of one noise level, has this page's own U-Net and is an experiment above: One noise level.",
    setups: [
      { label: "Warm-up: one noise level", query: "preset=oneLevel" },
      {
        label: "Time-conditional",
        query:
          "preset=laptop&classes=0&objective=flow&samplingTimesteps=50&samplerKind=ddim&stepSpacing=even",
      },
      {
        label: "Class-conditional, guidance 5",
        query:
          "preset=laptop&objective=flow&samplingTimesteps=50&samplerKind=ddim&stepSpacing=even&guidance=5",
      },
      {
        label: "The same with Quick",
        query:
          "preset=quick&objective=flow&samplingTimesteps=50&samplerKind=ddim&stepSpacing=even&guidance=5",
      },
    ],
    page: "https://cal-cs180.github.io/fa25/hw/proj5/partb.html",
  },
  {
    title: "MIT 6.S184, labs 1 and 2: the plane",
    about:
      "Points in the plane before any image: how they flow, how Langevin dynamics move them, and the fields of flow and of score that a network learns. The labs have moons, circles and a checkerboard, which are here.",
    differs:
      "There is no editor for equations: Brownian motion and Ornstein-Uhlenbeck processes of lab 1 are not here. The score is not an objective of its own, since it is the noise, rescaled: noise and v show its field. Their network has no residual blocks.",
    setups: [
      {
        label: "Lab 1: Langevin dynamics",
        query: "preset=points&points=modes&objective=v",
        plane: "play=langevin",
      },
      {
        label: "Lab 2: the conditional path",
        query: "preset=points",
        plane: "play=forward&layers=particles&flow=0",
      },
      {
        label: "Lab 2: flow matching, moons",
        query: "preset=points",
        plane: "layers=arrows,particles,paths",
      },
      {
        label: "Lab 2: flow matching, circles",
        query: "preset=points&points=circles",
        plane: "layers=arrows,particles,paths",
      },
      {
        label: "Lab 2: flow matching, checkerboard",
        query: "preset=points&points=checkerboard",
        plane: "layers=particles,density",
      },
      {
        label: "Lab 2: score, learned and exact",
        query: "preset=points&objective=v",
        plane: "play=langevin&walk=0.3&layers=data,arrows,exact",
      },
    ],
    page: "https://diffusion.csail.mit.edu",
  },
  {
    title: "KAIST CS492: the Swiss roll",
    about:
      "The first assignment trains DDPM on a Swiss roll and hands in the loss curve, the Chamfer distance and the drawn points; later ones add DDIM, flow matching and rectified flow. Train has the loss, 2D the distance and the points. NYCU's course has the same exercises.",
    differs:
      "Predicting noise with this page's sigmoid schedule is far worse here than predicting v or the flow (see the experiment on noise, x0 and v); the linear schedule is theirs. Distances are divided by what chance makes of them, so they cannot be compared with the assignment's.",
    setups: [
      {
        label: "DDPM: loss, distance, points",
        query:
          "preset=points&points=swissRoll&objective=noise&betaSchedule=linear&timestepSampling=uniform",
      },
      {
        label: "Flow matching: points and paths",
        query: "preset=points&points=swissRoll",
        plane: "layers=data,particles,paths",
      },
    ],
    page: "https://mhsung.github.io/kaist-cs492d-fall-2024/",
  },
  {
    title: "Berkeley CS294-158, homework 4: the toy dataset",
    about:
      "A perceptron learns the noise of a Swiss roll under a cosine schedule; the loss is handed in, and 2,000 points each of nine numbers of sampling steps from 1 to 512. Train has the loss. In 2D, Measure field and samplers compares numbers of steps, and Advanced sets the one whose points you see. Problem 2 of MIT 6.8300's problem set 5 asks for the same two figures, the loss and points of a toy dataset.",
    differs:
      "Their time is continuous, and their cosine schedule is the pure one, without an offset at its ends. The comparison here ends at 50 predictions.",
    setups: [
      {
        label: "Swiss roll, cosine schedule",
        query:
          "preset=points&points=swissRoll&objective=noise&betaSchedule=cosine&timestepSampling=uniform",
        plane: "layers=data,particles",
      },
    ],
    page: "https://github.com/rll/deepul/tree/master/homeworks/hw4",
  },
  {
    title: "EEML 2023, practical: rectified flow",
    about:
      "DDPM and then a rectified flow on a checkerboard: train it, draw from it, look at its paths.",
    differs: "Theirs is written in JAX and learns from a million points; here they are 16,000.",
    setups: [
      {
        label: "DDPM on the checkerboard",
        query:
          "preset=points&points=checkerboard&objective=noise&betaSchedule=linear&timestepSampling=uniform",
        plane: "layers=data,particles",
      },
      {
        label: "Rectified flow on the checkerboard",
        query: "preset=points&points=checkerboard",
        plane: "layers=particles,paths",
      },
    ],
    page: "https://github.com/eemlcommunity/PracticalSessions2023/tree/main/diffusion",
  },
  {
    title: "DTU 02460: two Gaussians and a checkerboard",
    about:
      "DDPM on two Gaussians, then on a checkerboard, before MNIST. Train shows the loss and 2D the points.",
    differs:
      "They take 100 timesteps, and measure the negative ELBO, which is not here. Their two Gaussians weigh the same; here one has four times as many points.",
    setups: [
      {
        label: "Two Gaussians",
        query:
          "preset=points&points=modes&objective=noise&betaSchedule=linear&timestepSampling=uniform",
        plane: "layers=data,particles",
      },
      {
        label: "Checkerboard",
        query:
          "preset=points&points=checkerboard&objective=noise&betaSchedule=linear&timestepSampling=uniform",
        plane: "layers=data,particles",
      },
    ],
    page: "https://kurser.dtu.dk/course/02460",
  },
  {
    title: "Georgia Tech CGAI, assignment 6: particles",
    about:
      "DDPM on points in the plane, then a shader in which thousands of particles flow between noise and data. Here 2,000 of them do, both ways, and you can draw what they are to become.",
    differs:
      "There is no shader to write. Theirs moves particles on the graphics card; here a worker computes where they go, and the page draws it.",
    setups: [
      {
        label: "From data to noise",
        query: "preset=points&points=spiral&objective=noise&betaSchedule=linear",
        plane: "play=forward&layers=particles&flow=0",
      },
      {
        label: "From noise to data",
        query: "preset=points&points=spiral&objective=noise&betaSchedule=linear",
        plane: "layers=arrows,particles",
      },
      {
        label: "Points that you draw",
        query: "preset=points&points=own&objective=noise&betaSchedule=linear",
        plane: "layers=data,particles",
      },
    ],
    page: "https://cgai-gatech.vercel.app/assignments/A6.html",
  },
];

const ONE_EPOCH =
  "Quick, one epoch of 3,750 steps, seeds 0, 1 and 2; 1,000 samples each, 10 steps of DPM-Solver++(2M) even in t. With the spacing that the page has now, even in log-SNR, seed 0 with labels has 98.5 % and 0.14. As many training images, all digits in turn, have a distance of 0.04.";

export const LESSONS: readonly Lesson[] = [
  {
    title: "Loss and digits",
    question:
      "After a third of an epoch the loss falls only slowly. Do the digits still get much better?",
    setups: [{ label: "Quick, one epoch", query: "preset=quick&epochs=1" }],
    look: [
      {
        view: "train",
        words: "Pause after about 1,200 steps, when the curve begins to look flat.",
      },
      {
        view: "charts",
        words: "Note the live validation loss.",
      },
      {
        view: "quality",
        words:
          "Measure 1,000 samples. Resume, and at the end note and measure both again. Keep this run: other experiments compare with it.",
      },
    ],
    answer:
      "Yes, much. From step 1,165 to the end the live validation loss falls by less than a fifth, from 0.126 to 0.104. The Fréchet distance falls to a fifth, from 0.69 to 0.14, and 98.5 % instead of 89.5 % are read as the digit asked for. Later it is the same: from step 2,049 on the loss falls by 7 %, and the distance from 0.24 to 0.14. The loss is an average over all levels of noise. Most of it cannot be avoided, since nobody can work out the exact noise from a noisy image. The small rest is what the network still learns, and the digits depend on it.",
    measured:
      "Quick, one epoch of 3,750 steps, seed 0, one run; 1,000 samples of its moving average after 1,165, 2,049 and 3,750 steps, 10 steps of DPM-Solver++(2M) even in log-SNR.",
  },
  {
    title: "Labels or none",
    question:
      "Does the network draw better digits when it is told which digit each training image shows?",
    setups: [{ label: "Without labels", query: "preset=quick&classes=0&epochs=1" }],
    look: [
      { view: "train", words: "One epoch, as in the first experiment. Look at the digits." },
      {
        view: "quality",
        words:
          "Measure 1,000 samples, and compare with the first run, which had labels. Look at the Fréchet distance: lower is better.",
      },
    ],
    answer:
      "Much better, after the same time. Asked for all digits in turn with guidance 1.5, the network with labels has distances of 0.14, 0.17 and 0.14 with three seeds, and without labels 1.11, 0.86 and 0.84. The classifier's mean confidence is 0.99 instead of 0.84. A label leaves the network less to guess.",
    measured: ONE_EPOCH,
  },
  {
    title: "Guidance",
    question: "What do you gain by asking more strongly for a digit, and what does it cost?",
    setups: [{ label: "Use the trained model", model: "pretrained-quick.safetensors" }],
    look: [
      {
        view: "denoise",
        words: "Ask for one digit, and generate it with guidance 0, 1, 1.5 and 3.",
      },
      {
        view: "quality",
        words:
          "Measure with each. Compare “Read as asked”, the share of digits that the classifier reads as what you asked for, with the distance.",
      },
    ],
    answer:
      "Clearer digits, which look more alike. With guidance 1, 1.5, 2 and 3 the classifier reads 94.8, 99.6, 99.9 and 100 % as the digit asked for. But the distance to real digits is 0.08, 0.10, 0.21 and 0.44: up to 1.5 it hardly changes, and then it grows, since real handwriting is more varied. With guidance 0 the network ignores what you ask, and the distance is 0.97.",
    measured:
      "The trained model; 1,000 samples of all digits in turn, 10 steps of DPM-Solver++(2M) even in log-SNR, seed 0.",
  },
  {
    title: "Chance",
    question: "Two runs differ only in their seed. How different are they?",
    setups: [{ label: "Seed 1", query: "preset=quick&epochs=1&seed=1" }],
    look: [
      {
        view: "compare",
        words:
          "After one epoch tick this run and the first, which has seed 0, and compare their losses and digits.",
      },
      { view: "quality", words: "Measure 1,000 samples of each." },
    ],
    answer:
      "The mean confidence hardly differs: 0.988, 0.991 and 0.989 with three seeds. The Fréchet distance does: 0.14, 0.17 and 0.14, and without labels 1.11, 0.86 and 0.84. So a single run that is a fifth better may be luck. Train with three seeds before you believe in an improvement.",
    measured: ONE_EPOCH,
  },
  {
    title: "Which errors count",
    question:
      "The library weighs errors by how noisy the image is. Does that help a network with labels?",
    setups: [
      { label: "Library's loss weights", query: "preset=quick&lossWeight=library&epochs=1" },
    ],
    look: [
      {
        view: "train",
        words:
          "One epoch. Its loss cannot be compared with that of the first run, where all errors count the same.",
      },
      { view: "quality", words: "Measure both runs, and compare “Read as asked”." },
    ],
    answer:
      "No. Without weights 98.8, 98.6 and 98.5 % are read as the digit asked for, with the library's 92.0, 96.4 and 94.7 %; the distances are 0.14, 0.17 and 0.14 against 0.40, 0.20 and 0.24. Those weights count very noisy images the least, and there the label helps the most. Without labels three seeds show no difference.",
    measured: ONE_EPOCH,
  },
  {
    title: "Flow matching or diffusion",
    question: "Flow matching goes straight from noise to digit. Does it need fewer steps?",
    setups: [
      {
        label: "Flow",
        query: "preset=quick&classes=0&objective=flow&epochs=1&samplerKind=ddim&stepSpacing=even",
      },
    ],
    look: [
      { view: "train", words: "One epoch, without labels." },
      {
        view: "quality",
        words:
          "Measure 1,000 samples with 10 steps. Then choose the run without labels of the second experiment under Network, and measure it with DDIM.",
      },
    ],
    answer:
      "Not after such a short training run. With 10 steps flow has distances of 1.15, 0.96 and 0.99 with three seeds, and v 1.18, 0.92 and 0.91; with 50 steps flow has 0.92, 0.81 and 0.82, and v 0.99, 0.81 and 0.80. That is the same within chance. A better sampler helps v more: DPM-Solver++(2M) has 1.11, 0.86 and 0.84 with 10 steps.",
    measured:
      "Quick without labels, one epoch, seeds 0, 1 and 2; 1,000 samples each, DDIM, which for flow is Euler's method.",
  },
  {
    title: "How few steps are enough",
    question: "Fifty steps of DDIM, or five of a newer sampler?",
    setups: [{ label: "Use the trained model", model: "pretrained-quick.safetensors" }],
    look: [
      {
        view: "quality",
        words:
          "Measure 1,000 samples with DDIM in 5 and in 50 steps, and with DPM-Solver++(2M) in 5 and in 8. Compare samplers draws a chart of many more, but takes long; 100 samples are enough to see its shape.",
      },
      { view: "denoise", words: "Generate with 5 steps of each, from the same seed." },
    ],
    answer:
      "Five are nearly enough. With guidance DDIM has a distance of 0.13 in 5 steps and 0.10 in 50, DPM-Solver++(2M) 0.11 in 5 and 0.10 in 8. Without labels the sampler matters more: a network of 60 epochs has 0.28 with 5 steps of DDIM, 0.13 with 5 of DPM-Solver++(2M) even in log-SNR, and 0.08 with 10 of it or 50 of DDIM.",
    measured:
      "The trained model with guidance 1.5, and Quick without labels after 60 epochs; 1,000 samples each, seed 0.",
  },
  {
    title: "One step",
    question: "Can a network be taught to draw a digit at once?",
    setups: [
      { label: "Use the student", model: "pretrained-quick-1-step.safetensors" },
      { label: "Use its teacher", model: "pretrained-quick.safetensors" },
    ],
    look: [
      {
        view: "denoise",
        words: "Draw with the student; it answers while you type. Then set the teacher to 1 step.",
      },
      { view: "quality", words: "Measure both with 1 step, and look at the nearest real digits." },
    ],
    answer:
      "Yes. The student's distance with one step is 0.146, as good as its teacher's with four steps of DDIM, which take eight passes. The teacher in one step has 1.325: all its digits are read as asked, yet they are far from handwriting, since each is nearly an average. Of the student's digits 98.7 % are read as asked. It was taught in five phases, each with half as many steps.",
    measured:
      "The trained models, as they come with the page; 1,000 samples of all digits in turn, seed 0.",
  },
  {
    title: "Longer training",
    question: "What do a second and a third epoch add?",
    setups: [{ label: "Use the trained model", model: "pretrained-quick.safetensors" }],
    look: [
      { view: "evolution", words: "Go through your first run with the slider Training." },
      {
        view: "quality",
        words:
          "Measure 1,000 samples of your first run, which had one epoch. Then measure the trained model, which had three.",
      },
    ],
    answer:
      "Less than the first, but you can see it. One epoch gives a distance of 0.14, 0.17 or 0.14, depending on the seed; three give 0.10. Without labels it takes longer: 0.32 after 3 epochs, 0.16 after 10, 0.09 after 40, 0.07 after 60, and no better after 84.",
    measured: "Quick; 1,000 samples with guidance 1.5. Without labels 2,000 samples.",
  },
  {
    title: "The learning rate",
    question: "Does the network learn more when each step is larger?",
    setups: [
      { label: "0.0005", query: "preset=quick&epochs=1&learningRate=0.0005" },
      { label: "0.008", query: "preset=quick&epochs=1&learningRate=0.008" },
    ],
    look: [
      {
        view: "train",
        words: "Choose one rate, and train one epoch. The first run has 0.002, Quick's own rate.",
      },
      { view: "compare", words: "Tick this run and the first, and compare their losses." },
      { view: "quality", words: "Measure 1,000 samples of each." },
    ],
    answer:
      "Up to a point. With rates of 0.0005, 0.002 and 0.008 the Fréchet distances are 0.36, 0.14 and 0.37, and 96.3, 98.5 and 93.8 % are read as the digit asked for. The losses of the full validation are 0.126, 0.107 and 0.110: that of 0.008 looks good, but its digits do not. Too small a step wastes time. Too large a step jumps past the bottom of the valley, again and again.",
    measured:
      "Quick, one epoch of 3,750 steps, seed 0, one run of each; 1,000 samples, 10 steps of DPM-Solver++(2M) even in log-SNR.",
  },
  {
    title: "Finish a digit",
    question:
      "The network has learned to draw whole digits. Can it draw half of one that goes with the other half?",
    setups: [
      {
        label: "The lower half of a test image",
        draw: "start=fill&network=pretrained-medium-4-steps.safetensors",
      },
      {
        label: "Around my own lines",
        draw: "start=fill&of=drawing&network=pretrained-medium-4-steps.safetensors",
      },
    ],
    look: [
      {
        view: "denoise",
        words:
          "Press a digit to ask for it, and look how it joins what stays. Then raise Resamplings, under Sampler settings, from 1 to 3.",
      },
    ],
    answer:
      "Yes, although it was never trained to. At each step what stays is put back, and the network draws what goes with it. Of 200 test images whose lower half it drew, told the class, 98 % are read as that class, with each step walked three times 99.5 %, as many as of the originals. The seam is less perfect: the two rows that meet differ by 36 gray levels, in real digits by 19, in halves of two different digits by 60. Walking each step three times brings it to 28.",
    measured:
      "Medium's student of four steps, 200 test images, seed 0: DDIM even in t, guidance 1, each step once and three times.",
  },
  {
    title: "A three becomes an eight",
    question:
      "How far towards the noise must a 3 go to come back as an 8, and what is left of its handwriting?",
    setups: [
      {
        label: "A test image, asked to be an 8",
        draw: "start=invert&image=18&ask=class&label=8&network=pretrained-medium.safetensors",
      },
    ],
    look: [
      {
        view: "denoise",
        words:
          "Generate with “How far back” at 0.6, 0.8 and 1, then with guidance 1 and 5. Go through the steps: the first half leads to the noise.",
      },
    ],
    answer:
      "Most of the way. From 0.7 of it 29 of 100 threes are read as an 8 with guidance 1.3, and 65 with guidance 3; from 0.8 of it 63 and 93, from 0.9 of it 90 and 99, from all of it all. The farther back, the less is left: the squared error to the three is 0.14 from 0.8 of the way with guidance 3, 0.22 from 0.9, 0.39 from all of it, and 0.50 for an eight that has nothing to do with it. The large shape is decided where there is most noise, and slant and stroke later. Asked to be a 3 again, with guidance 1 and from all of the way, it comes back with an error of 0.0035 in 50 steps and 0.030 in 10.",
    measured:
      "Medium, 100 threes of the test set, DDIM in 20 steps even in t; the round trip of 100 test images even in log-SNR. Squared errors are means over pixels in [-1, 1].",
  },
  {
    title: "A six that is a nine",
    question: "Can one picture be two digits, depending on how you hold it?",
    setups: [
      {
        label: "6, upside down 9",
        draw: "start=readings&network=pretrained-medium.safetensors&scale=3",
      },
      {
        label: "2, in a mirror 5",
        draw: "start=readings&first=2&flip=leftRight&second=5&network=pretrained-medium.safetensors&scale=3",
      },
      {
        label: "1, on its side 4",
        draw: "start=readings&first=1&flip=quarter&second=4&network=pretrained-medium.safetensors&scale=3",
      },
    ],
    look: [
      {
        view: "denoise",
        words: "Generate, and choose digits in the grid: the flipped one stands beside it.",
      },
    ],
    answer:
      "If the two have enough in common. Of 50 pictures each, 100 % read as 6 and upside down as 9, 98 % as 2 and in a mirror as 5, and 92 % as 2 both ways up. Only 38 % are a 1 and upside down a 7, and 16 % a 1 and on its side a 4, since one stroke has no place for both. Guidance matters: with 1.3 instead of 3 it is 92, 88, 62, 24 and 4 %. Each step takes the mean of two answers, and a network that insists on neither gives a blur between them.",
    measured:
      "Medium, 50 pictures each, 10 steps of DPM-Solver++(2M) even in log-SNR, guidance 3 and 1.3, seed 0.",
  },
  {
    title: "One noise level",
    question:
      "Courses begin with a network that removes noise of one strength in one pass. What does it do with noise that it has never seen, and can it draw?",
    setups: [{ label: "One level", query: "preset=oneLevel" }],
    look: [
      {
        view: "train",
        words: "A minute is enough to see it. The whole epoch takes as long as one of Quick.",
      },
      {
        view: "charts",
        words:
          "Compare the network with the blur at each sigma, then see what it makes of pure noise.",
      },
    ],
    answer:
      "At sigma 0.5, which it was trained at, its squared error is 0.008, a third of the 0.025 of the best blur. With less noise it still removes what is there, yet it also redraws clean digits a little: 0.003, where the blur can leave them as they are. With more noise it fails step by step: 0.011 at 0.6, 0.022 at 0.8 and 0.040 at 1, where the blur has 0.030, 0.040 and 0.048. It takes the noise for strokes. It cannot draw. The best answer to pure noise would be the mean digit, but it makes tangles of strokes of noise around gray, 0.14, 0.16 and 0.12 from the mean digit with three seeds; a real digit is 0.065 from it. Over black, as the courses take it, noise becomes faint specks, 0.04 from the mean digit, about as far as a black image is. For the mean digit a network would have to be trained on pure noise, too.",
    measured:
      "One level, one epoch of 3,750 steps, seeds 0, 1 and 2, which agree to 0.002 at every sigma; mean squared error of 100 test images, black 0 and white 1. After 822 steps the error at sigma 0.5 is 0.010, and at sigma 1 the blur is better.",
  },
];

const PLANE =
  "The preset Points on two moons, 1,008 steps, on one thread of WebAssembly in 3 to 9 seconds; seeds 0, 1 and 2, eight times 2,000 points of each.";

/** Experiments in two dimensions, where one sees what a network learns. */
export const PLANE_LESSONS: readonly Lesson[] = [
  {
    title: "Why the loss does not go to zero",
    question: "After a few seconds the loss stays where it is. Does the network still err so much?",
    setups: [
      { label: "Two moons", query: "preset=points", plane: "layers=data,arrows,exact&flow=0.5" },
    ],
    look: [
      {
        view: "plane",
        words:
          "Train, and press Measure field and samplers. Compare the network's own error with what cannot be avoided. Then drag the time, and compare the learned arrows with the exact ones over them.",
      },
    ],
    answer:
      "No, hardly at all. The loss ends at 1.49, 1.47 and 1.48. But averaged over all times, the exact best guess of where a noisy point was is off by a squared distance of 1.0 too, since many points could have come to lie there. From this exact answer the network is away by 0.003, 0.005 and 0.004 only. The loss measures mostly what nobody can know.",
    measured: PLANE,
  },
  {
    title: "What noise, x0 and v have in common",
    question:
      "The network may predict the noise, the point itself, or v. Does it learn another field?",
    setups: [
      { label: "v", query: "preset=points&objective=v", plane: "layers=arrows,exact" },
      { label: "x0", query: "preset=points&objective=x0", plane: "layers=arrows,exact" },
      { label: "Noise", query: "preset=points&objective=noise", plane: "layers=arrows,exact" },
    ],
    look: [
      {
        view: "plane",
        words:
          "Train each, and compare the learned arrows with the exact ones: are these the same each time? Then drag the time to the noisy end, and show where the two differ.",
      },
    ],
    answer:
      "The exact field is the same for all three: each can be computed from the others. What differs is how an error counts. Where there is almost only noise, the point is the noisy place minus the predicted noise, divided by almost nothing, so a small error of the noise becomes a large one of the point. 25 steps of DDIM lead 1.4, 1.3 and 1.3 times as far from new data as chance with v, 2.7, 2.8 and 3.0 with x0, and 47, 40 and 48 times with noise.",
    measured: PLANE,
  },
  {
    title: "Curved and straight paths",
    question:
      "Flow matching trains on straight lines from noise to data. Do points then go straight?",
    setups: [{ label: "Two moons", query: "preset=points", plane: "layers=data,particles,paths" }],
    look: [
      {
        view: "plane",
        words:
          "Train, and look at the paths of some points. Read their straightness below the chart.",
      },
    ],
    answer:
      "No. The lines that it is trained on cross each other, and at a crossing the network can only learn their mean, so first all points go to the middle and then turn. The straightness, distance divided by length of the path, is 0.57, 0.59 and 0.57; straight lines have 1.",
    measured: PLANE,
  },
  {
    title: "Few steps, and reflow",
    question: "What goes wrong with few steps, and can the paths be made straight?",
    setups: [{ label: "Two moons", query: "preset=points", plane: "layers=data,paths,oneStep" }],
    look: [
      {
        view: "plane",
        words:
          "Train, press Measure field and samplers, and look at few predictions. Then press Straighten, and compare the paths, and the points of one step, before and after.",
      },
    ],
    answer:
      "A step goes straight where the path bends. With 25 steps of Euler points are 1.3, 1.2 and 1.2 times as far from new data as chance, with five steps 3.8, 5.5 and 4.4 times, and with one step, which leads all of them to the middle, 217, 222 and 202 times. Trained again on pairs of a noise and the point that this flow draws from it, no lines cross. The straightness becomes 1.00, and one step reaches 2.4, 2.5 and 2.0 times. With many steps it is a little worse than before: 1.5, 1.6 and 1.4.",
    measured: `${PLANE} Reflow on 20 steps of Euler, 378 training steps.`,
  },
  {
    title: "Where guidance leads",
    question:
      "Eight classes lie in a circle. Where do points go that are asked strongly to be of one?",
    setups: [
      {
        label: "Eight Gaussians with labels",
        query: "preset=points&points=gaussians&classes=8",
        plane: "class=0",
      },
    ],
    look: [
      {
        view: "plane",
        words:
          "Train; the points that you see are asked to be of class 0. Set the guidance under Advanced, Sampling and previews, to 1, 2 and 4.",
      },
    ],
    answer:
      "Away from the other classes, beyond the data, and close together. The data of class 0 lies 1.81 from the middle and is 0.21 wide. With guidance 1 its points lie 1.78, 1.80 and 1.80 from it and are 0.18 wide; with 2 they lie 1.92, 1.94 and 1.98 from it, 0.09, 0.08 and 0.09 wide; with 4 they lie 2.07, 2.05 and 2.21 from it, and are 0.06, 0.05 and 0.04 wide. Guided digits are alike for the same reason.",
    measured:
      "The preset Points on eight Gaussians with eight classes, 1,008 steps, seeds 0, 1 and 2; 2,000 points in 25 steps of Euler.",
  },
  {
    title: "Why Langevin dynamics are annealed",
    question: "Four fifths of the data lie in one mode. Do Langevin dynamics find out?",
    setups: [
      {
        label: "Two modes",
        query: "preset=points&points=modes&objective=v",
        plane: "play=langevin&layers=data,particles,density",
      },
    ],
    look: [
      {
        view: "plane",
        words:
          "Train, look at where the Langevin dynamics put too many points, and play them. Then switch Annealed on, which begins with much noise.",
      },
    ],
    answer:
      "Not with little noise alone. The score there leads each point to the mode that is nearer, and says nothing of how many belong there: 56, 56 and 55 % come to the larger mode. With much noise the modes overlap, points walk between them, and their shares come right: annealed, 76, 75 and 76 % of points come to the larger mode, and as they flow 80, 80 and 79 %.",
    measured:
      "The preset Points on two modes, objective v, 1,008 steps, seeds 0, 1 and 2; 2,000 points, 200 steps of Langevin dynamics to a tenth of T.",
  },
];
