import type { Plugin } from '../src/plugin.js';
import { bull } from './bull/plugin.js';
import { catalog } from './catalog/plugin.js';
import { client } from './client/plugin.js';
import { consent } from './consent/plugin.js';
import { console } from './console/plugin.js';
import { customers } from './customers/plugin.js';
import { events } from './events/plugin.js';
import { loyalty } from './loyalty/plugin.js';
import { merchandising } from './merchandising/plugin.js';
import { preferences } from './preferences/plugin.js';
import { profiles } from './profiles/plugin.js';
import { publishing } from './publishing/plugin.js';
import { queue } from './queue/plugin.js';
import { ratings } from './ratings/plugin.js';
import { recommendations } from './recommendations/plugin.js';
import { rights } from './rights/plugin.js';
import { search } from './search/plugin.js';
import { segments } from './segments/plugin.js';
import { showcase } from './showcase/plugin.js';
import { speech } from './speech/plugin.js';
import { store } from './store/plugin.js';
import { tracking } from './tracking/plugin.js';
import { voice } from './voice/plugin.js';
import { voiceAlexa } from './voice-alexa/plugin.js';
import { voiceDialogflow } from './voice-dialogflow/plugin.js';
import { voiceSay } from './voice-say/plugin.js';

/** Every plugin of this repository, in reading order; boot orders them by their needs. */
export const plugins: readonly Plugin[] = [
  store,
  queue,
  bull,
  catalog,
  merchandising,
  customers,
  consent,
  events,
  ratings,
  preferences,
  profiles,
  segments,
  rights,
  loyalty,
  search,
  publishing,
  recommendations,
  speech,
  voice,
  voiceAlexa,
  voiceDialogflow,
  voiceSay,
  tracking,
  showcase,
  console,
  client,
];
