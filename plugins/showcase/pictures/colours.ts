/** The tones of a picture in one colour, as `#rrggbb`. */
export interface Tones {
  readonly ground: string;
  readonly halo: string;
  readonly body: string;
  readonly shade: string;
  readonly light: string;
  readonly dark: string;
}

function tones(
  ground: string,
  halo: string,
  body: string,
  shade: string,
  light: string,
  dark: string,
): Tones {
  return { ground, halo, body, shade, light, dark };
}

/** The colours that things are drawn in, by the name that the address of a picture gives. */
export const colours = {
  terracotta: tones('#f1e4da', '#f8efe8', '#b86b45', '#8f4d2f', '#fdf8f3', '#43261a'),
  sage: tones('#dfe9e2', '#edf4ef', '#4c8068', '#345c4b', '#f8fcf9', '#1d352b'),
  ocean: tones('#dce7f0', '#ebf2f8', '#44719c', '#2f5278', '#f7fbfe', '#1b3048'),
  mustard: tones('#f3e9cd', '#faf4e1', '#c49a2f', '#94701a', '#fffdf5', '#4a380c'),
  plum: tones('#eae2f0', '#f4eff8', '#7d5f9c', '#5b4377', '#fcfaff', '#332544'),
  slate: tones('#e4e6e8', '#f0f2f3', '#5b6870', '#3f4a51', '#fafbfb', '#22292d'),
  brick: tones('#f4dfdf', '#fbeeee', '#b45866', '#8a3e4c', '#fff8f8', '#4b1f28'),
  teal: tones('#d9ebea', '#eaf5f4', '#2f8285', '#1f5f64', '#f5fcfc', '#123a3d'),
  white: tones('#dfe3e4', '#edf0f0', '#fbfbf9', '#c3c9cb', '#e9eceb', '#5b6467'),
  black: tones('#e2dfda', '#eeece8', '#33383b', '#1b1e20', '#f4f2ee', '#0c0d0e'),
  sand: tones('#e3e9ea', '#f0f4f4', '#d8c09a', '#ad9063', '#fffaf0', '#564427'),
} as const satisfies Readonly<Record<string, Tones>>;

export type Colour = keyof typeof colours;
