import { colours, type Tones } from './colours.js';
import { motifs, type Tone } from './motifs.js';
import type { PictureParts } from './picture-name.js';

/** The size that pictures are drawn for; they scale to any other. */
export const pictureSize = { width: 960, height: 720 };

/** The picture as the text of an SVG file: the same text for the same parts. */
export function drawPicture(parts: PictureParts): string {
  const own = colours[parts.colour];
  const second = parts.second && colours[parts.second];
  const tones = second ? { ...own, shade: second.body, light: second.light } : own;
  const turn = turnOf(`${parts.motif} ${parts.colour} ${parts.second ?? ''} ${parts.initials ?? ''}`);
  const { width, height } = pictureSize;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 90" width="${width}" height="${height}">`,
    `<rect width="120" height="90" fill="${tones.ground}"/>`,
    `<circle cx="${60 + turn}" cy="${40 - turn / 2}" r="${34 + turn / 3}" fill="${tones.halo}"/>`,
    `<ellipse cx="60" cy="76" rx="40" ry="3.5" fill="${tones.dark}" opacity=".12"/>`,
    ...motifs[parts.motif].map(([tone, path]) => `<path d="${path}" ${paintOf(tone, tones)}/>`),
    ...(parts.initials ? [labelOf(parts.initials, tones)] : []),
    '</svg>',
  ].join('');
}

function paintOf(tone: Tone, tones: Tones): string {
  switch (tone) {
    case 'accent':
      return 'fill="#eeae3e"';
    case 'leaf':
      return 'fill="#5e8f5a"';
    case 'glow':
      return 'fill="#fff3c9" opacity=".75"';
    case 'line':
      return strokeOf(tones.shade, 4);
    case 'lightline':
      return strokeOf(tones.light, 2.4);
    default:
      return `fill="${tones[tone]}"`;
  }
}

function strokeOf(colour: string, width: number): string {
  return `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round"`;
}

/** The initials in the lower right corner, inside the part that is seen of a picture that is cut to a square or to 5 : 3. */
function labelOf(initials: string, { dark, halo }: Tones): string {
  return (
    `<text x="101" y="78" text-anchor="end" font-family="Georgia,serif" font-size="8" letter-spacing=".6" ` +
    `fill="${dark}" stroke="${halo}" stroke-width="1.6" paint-order="stroke">${initials}</text>`
  );
}

/** A shift of the light behind a thing, from -9 to 9, so that pictures side by side differ. */
function turnOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum * 31 + text.charCodeAt(at)) % 7;
  return sum * 3 - 9;
}
