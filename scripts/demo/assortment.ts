import { audioLines } from './audio.js';
import { campingLines } from './camping.js';
import { coffeeLines } from './coffee.js';
import { homeLines } from './home.js';
import { kitchenLines } from './kitchen.js';
import { type Category, type Line, text } from './line.js';
import { sportLines } from './sport.js';

export const lines: readonly Line[] = [
  ...coffeeLines,
  ...kitchenLines,
  ...campingLines,
  ...sportLines,
  ...audioLines,
  ...homeLines,
];

/** The categories above the lines, roots first. */
const branches: readonly Category[] = [
  { id: 'kitchen', parentId: null, name: text('Kitchen', 'Küche', 'Cuisine') },
  { id: 'coffee', parentId: 'kitchen', name: text('Coffee', 'Kaffee', 'Café') },
  { id: 'outdoor', parentId: null, name: text('Outdoor', 'Outdoor', 'Plein air') },
  { id: 'camping', parentId: 'outdoor', name: text('Camping', 'Camping', 'Camping') },
  { id: 'hiking', parentId: 'outdoor', name: text('Hiking', 'Wandern', 'Randonnée') },
  { id: 'sport', parentId: null, name: text('Sport', 'Sport', 'Sport') },
  { id: 'running', parentId: 'sport', name: text('Running', 'Laufen', 'Course à pied') },
  { id: 'audio', parentId: null, name: text('Audio', 'Audio', 'Audio') },
  { id: 'home', parentId: null, name: text('Home and garden', 'Haus und Garten', 'Maison et jardin') },
  { id: 'living', parentId: 'home', name: text('Living', 'Wohnen', 'Vivre') },
  { id: 'garden', parentId: 'home', name: text('Garden', 'Garten', 'Jardin') },
  { id: 'care', parentId: 'home', name: text('Care', 'Pflege', 'Soin') },
];

export const categories: readonly Category[] = [...branches, ...lines.map(({ category }) => category)];

/** The shop's stores, beside its online shop. */
export const stores = ['zurich', 'berlin', 'vienna', 'lyon'] as const;

export const sellers = [
  { id: 'fernblick', name: 'Fernblick' },
  { id: 'werkhof', name: 'Werkhof Kollektiv' },
] as const;
