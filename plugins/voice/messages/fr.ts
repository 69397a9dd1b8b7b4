import type { Catalog } from '../../../src/kit/messages.js';
import type { VoiceMessage } from './ids.js';

export const fr: Catalog<VoiceMessage> = {
  welcome: 'Bienvenue. Je peux chercher des articles ou vous suggérer quelque chose.',
  'welcome.reprompt': 'Que cherchez-vous ?',
  help: 'Vous pouvez dire, par exemple, « cherche une bouilloire », « suggère-moi quelque chose », « le deuxième », « moins cher », « en bleu » ou « ajoute-le à ma liste ». Pour continuer ailleurs, dites « continuer dans l’application ».',
  goodbye: 'Au revoir.',
  fallback:
    'Je n’ai pas compris. Vous pouvez dire, par exemple, « cherche une bouilloire » ou « suggère-moi quelque chose ».',
  whichOne: 'Lequel voulez-vous dire : le premier ou le deuxième ?',
  whatElse: 'Que puis-je faire d’autre pour vous ?',
  noList:
    'Il n’y a pas encore de liste. Dites-moi ce que vous cherchez, ou dites « suggère-moi quelque chose ».',
  noMore: 'C’était tout.',
  noEarlier: 'Il n’y a rien avant.',
  noSuch:
    '{count, plural, =1 {Il n’y a qu’un article dans cette liste.} other {Il n’y a que # articles dans cette liste.}}',
  more: '{count, plural, =1 {En voici un autre :} =2 {En voici deux autres :} =3 {En voici trois autres :} other {En voici # autres :}}',
  earlier: 'Encore une fois, les précédents :',
  cheaper: 'À moins de {price} :',
  withOption: 'En {option} :',
  corrected: 'J’ai cherché {query}.',
  nothingFound: 'Je n’ai rien trouvé pour {query}.',
  others: 'Mais voici ce qui plaît ici :',
  nothingCheaper: 'Je n’ai rien à moins de {price}.',
  noPrice: 'Je ne connais pas ces prix et ne peux donc pas chercher moins cher.',
  nothingWithOption: 'Je n’ai rien trouvé en {option}.',
  comesIn: 'Oui, {name} existe en {option}{priced, select, yes {, à {price}} free {, {price}} other {}}.',
  selected: '{name}, à {price}.',
  'selected.unpriced': '{name}.',
  'select.question': 'Voulez-vous en savoir plus ?',
  'details.price': 'Le prix est de {price}.',
  'details.reduced': 'Le prix est de {price} au lieu de {before}.',
  'details.rating':
    '{count, plural, one {# personne lui a donné {stars, number, ::.#} étoiles sur 5.} other {# personnes lui ont donné {stars, number, ::.#} étoiles sur 5.}}',
  'details.options': 'Vous avez le choix entre {values}.',
  'details.soldOut': 'L’article est épuisé pour le moment.',
  'details.question': 'Voulez-vous que je l’ajoute à votre liste ?',
  added:
    '{name} est maintenant dans votre liste. {count, plural, =1 {Il n’y a rien d’autre.} other {La liste compte # articles.}}',
  addedAlready: '{name} est déjà dans votre liste.',
  listFull: 'Votre liste est pleine : elle compte {count} articles.',
  list: '{count, plural, =1 {Il y a un article dans votre liste : {names}.} other {Il y a # articles dans votre liste : {names}.}}',
  'list.empty': 'Votre liste est vide.',
  handover:
    'Pour continuer, ouvrez la boutique sur votre téléphone ou votre ordinateur et saisissez ce code : {code}. Je répète : {code}. Il est valable {minutes, plural, one {une minute} other {# minutes}}, une seule fois.',
  'handover.nothing': 'Il n’y a encore rien à continuer. Dites-moi ce que vous cherchez.',
  'forget.question':
    'Voulez-vous que j’oublie cette conversation et que je n’utilise plus ce que vous avez fait ici ? Dites oui ou non.',
  forgotten: 'J’ai oublié cette conversation, et ce que vous avez fait ici n’est plus utilisé.',
  'forgotten.account':
    'Pour effacer les données de votre compte, rendez-vous dans votre compte sur le site de la boutique.',
  stopped: 'À partir de maintenant, je vous suggère la même chose qu’à tout le monde.',
  notDone: 'Je n’ai pas pu le faire. Redites-le dans un instant, s’il vous plaît.',
  slow: 'Je ne peux pas le vérifier pour le moment. Redemandez-moi dans un instant, s’il vous plaît.',
  'slow.search': 'La recherche ne répond pas pour le moment. Voulez-vous une suggestion à la place ?',
  'slow.instead':
    'Je n’ai pas accès à vos suggestions personnelles pour le moment, voici donc celles de tout le monde :',
  'card.title': 'Votre liste',
  'card.product': '{ordinal}. {name}, {price}',
  'card.unpriced': '{ordinal}. {name}',
  'card.code': 'Code : {code}',
};
