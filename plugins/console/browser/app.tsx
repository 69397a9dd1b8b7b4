import { render } from 'preact';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { CatalogView } from './catalog.js';
import { Confirmation } from './confirmation.js';
import { InspectorView } from './inspector.js';
import { Announcement } from './parts.js';
import { PreviewView } from './preview.js';
import { PublishView } from './publish.js';
import { ReportView } from './report.js';
import { hrefOf, route } from './route.js';
import { RulesView } from './rules.js';
import { key, signOut } from './session.js';
import { SignIn } from './sign-in.js';
import { SynonymsView } from './synonyms.js';
import { announce } from './task.js';

const views = {
  preview: { title: 'Preview', View: PreviewView },
  rules: { title: 'Rules', View: RulesView },
  synonyms: { title: 'Synonyms', View: SynonymsView },
  publish: { title: 'Publish', View: PublishView },
  report: { title: 'Report', View: ReportView },
  catalog: { title: 'Catalog', View: CatalogView },
  inspector: { title: 'Inspector', View: InspectorView },
} as const;

function Console() {
  const { view } = route.value;
  const shown = view in views ? (view as keyof typeof views) : 'preview';
  const { title, View } = views[shown];
  // A sentence is about the view in which it was said.
  useLayoutEffect(() => announce(''), [shown]);
  useEffect(() => {
    document.title = `${key.value ? title : 'Sign in'} · Rapport console`;
  });
  if (!key.value) return <SignIn />;
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header>
        <p class="brand">Rapport console</p>
        <nav aria-label="Views">
          <ul>
            {Object.entries(views).map(([name, { title }]) => (
              <li key={name}>
                <a class="view" href={hrefOf(name)} {...(name === shown ? { 'aria-current': 'page' } : {})}>
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <button type="button" onClick={leave}>
          Sign out
        </button>
      </header>
      <Announcement />
      <main id="main" tabIndex={-1}>
        <View key={shown} />
      </main>
      <Confirmation />
    </>
  );
}

/** Loading the page again forgets all that was read with the key. */
function leave(): void {
  signOut();
  location.reload();
}

/** A button, since a link would change the hash, which names the view. */
function skip(): void {
  document.getElementById('main')?.focus();
}

render(<Console />, document.getElementById('app')!);
