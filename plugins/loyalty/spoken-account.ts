import { type Catalog, createMessages } from '../../src/kit/messages.js';
import type { LoyaltyState } from '../../src/ports/loyalty.js';

type Message = 'balance' | 'debt' | 'expiring' | 'tier' | 'next' | 'question';

const en: Catalog<Message> = {
  balance: 'You have {points, plural, =0 {no points} one {# point} other {# points}}.',
  debt: 'Your account is {points, plural, one {# point} other {# points}} short.',
  expiring: '{points, plural, one {# of them expires} other {# of them expire}} on {day}.',
  tier: 'Your tier is {tier}.',
  next: '{points, plural, one {# more point takes} other {# more points take}} you to {tier}.',
  question: 'What else can I do for you?',
};
const de: Catalog<Message> = {
  balance: 'Sie haben {points, plural, =0 {keine Punkte} one {# Punkt} other {# Punkte}}.',
  debt: 'Auf Ihrem Konto {points, plural, one {fehlt # Punkt} other {fehlen # Punkte}}.',
  expiring: 'Davon {points, plural, one {verfällt #} other {verfallen #}} am {day}.',
  tier: 'Ihr Status ist {tier}.',
  next: 'Noch {points, plural, one {# Punkt} other {# Punkte}} bis {tier}.',
  question: 'Was kann ich sonst für Sie tun?',
};
const fr: Catalog<Message> = {
  balance: 'Vous avez {points, plural, =0 {zéro point} one {# point} other {# points}}.',
  debt: 'Il manque {points, plural, one {# point} other {# points}} sur votre compte.',
  expiring: '{points, plural, one {# expire} other {# expirent}} le {day}.',
  tier: 'Votre statut est {tier}.',
  next: 'Encore {points, plural, one {# point} other {# points}} pour atteindre {tier}.',
  question: 'Que puis-je faire d’autre pour vous ?',
};
const es: Catalog<Message> = {
  balance: 'Tiene {points, plural, =0 {cero puntos} one {# punto} other {# puntos}}.',
  debt: 'En su cuenta {points, plural, one {falta # punto} other {faltan # puntos}}.',
  expiring: '{points, plural, one {# caduca} other {# caducan}} el {day}.',
  tier: 'Su nivel es {tier}.',
  next: '{points, plural, one {Falta # punto} other {Faltan # puntos}} para {tier}.',
  question: '¿Qué más puedo hacer por usted?',
};
const it: Catalog<Message> = {
  balance: 'Ha {points, plural, =0 {zero punti} one {# punto} other {# punti}}.',
  debt: 'Sul suo conto {points, plural, one {manca # punto} other {mancano # punti}}.',
  expiring: '{points, plural, one {# scade} other {# scadono}} il {day}.',
  tier: 'Il suo livello è {tier}.',
  next: '{points, plural, one {Manca # punto} other {Mancano # punti}} per {tier}.',
  question: 'Cos’altro posso fare per lei?',
};

const messagesOf = createMessages({ en, de, fr, es, it }, 'en');

/** Sentences about a person's points, in the language of a locale, and a question for the end. */
export function spokenAccount(
  { balance, expiring, tier, nextTier }: LoyaltyState,
  requested: string,
): { readonly sentences: readonly string[]; readonly question: string } {
  const { say, locale } = messagesOf(requested);
  const sentences = [balance < 0 ? say('debt', { points: -balance }) : say('balance', { points: balance })];
  const [first] = expiring;
  if (first !== undefined) {
    const day = dayOf(first.atMs, locale);
    const points = expiring
      .filter(({ atMs }) => dayOf(atMs, locale) === day)
      .reduce((sum, each) => sum + each.points, 0);
    sentences.push(say('expiring', { points, day }));
  }
  if (tier !== null) sentences.push(say('tier', { tier }));
  if (nextTier !== null) sentences.push(say('next', { points: nextTier.points, tier: nextTier.name }));
  return { sentences, question: say('question') };
}

function dayOf(atMs: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(atMs);
}
