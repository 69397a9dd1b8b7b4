import { type Catalog, createMessages } from '../../src/kit/messages.js';

export type LinkMessage =
  | 'unsubscribe.title'
  | 'unsubscribe.question'
  | 'unsubscribe.button'
  | 'unsubscribe.done'
  | 'confirm.title'
  | 'confirm.question'
  | 'confirm.button'
  | 'confirm.done'
  | 'outdated'
  | 'invalid';

const catalogs: Readonly<Record<string, Catalog<LinkMessage>>> = {
  en: {
    'unsubscribe.title': 'Unsubscribe',
    'unsubscribe.question':
      'Do you want to receive no more {purpose, select, MARKETING_EMAIL {marketing e-mails} MARKETING_SMS {marketing text messages} other {marketing notifications}} from us?',
    'unsubscribe.button': 'Unsubscribe',
    'unsubscribe.done': 'You are unsubscribed. You can close this page.',
    'confirm.title': 'Please confirm',
    'confirm.question':
      'Do you want to receive {purpose, select, MARKETING_EMAIL {marketing e-mails} MARKETING_SMS {marketing text messages} other {marketing notifications}} from us?',
    'confirm.button': 'Yes, I confirm',
    'confirm.done': 'Thank you, your confirmation is recorded. You can close this page.',
    outdated: 'This link is no longer valid. Please ask for a new one.',
    invalid: 'This link is not valid. Please use the whole link of the message.',
  },
  de: {
    'unsubscribe.title': 'Abmelden',
    'unsubscribe.question':
      'Möchten Sie keine {purpose, select, MARKETING_EMAIL {Werbe-E-Mails} MARKETING_SMS {Werbe-SMS} other {Werbemitteilungen}} mehr von uns erhalten?',
    'unsubscribe.button': 'Abmelden',
    'unsubscribe.done': 'Sie sind abgemeldet. Sie können diese Seite schließen.',
    'confirm.title': 'Bitte bestätigen',
    'confirm.question':
      'Möchten Sie {purpose, select, MARKETING_EMAIL {Werbe-E-Mails} MARKETING_SMS {Werbe-SMS} other {Werbemitteilungen}} von uns erhalten?',
    'confirm.button': 'Ja, ich bestätige',
    'confirm.done': 'Danke, Ihre Bestätigung ist gespeichert. Sie können diese Seite schließen.',
    outdated: 'Dieser Link gilt nicht mehr. Bitte fordern Sie einen neuen an.',
    invalid: 'Dieser Link ist ungültig. Bitte verwenden Sie den ganzen Link aus der Nachricht.',
  },
  fr: {
    'unsubscribe.title': 'Se désabonner',
    'unsubscribe.question':
      'Souhaitez-vous ne plus recevoir {purpose, select, MARKETING_EMAIL {d’e-mails publicitaires} MARKETING_SMS {de SMS publicitaires} other {de notifications publicitaires}} de notre part ?',
    'unsubscribe.button': 'Se désabonner',
    'unsubscribe.done': 'Vous êtes désabonné(e). Vous pouvez fermer cette page.',
    'confirm.title': 'Veuillez confirmer',
    'confirm.question':
      'Souhaitez-vous recevoir {purpose, select, MARKETING_EMAIL {des e-mails publicitaires} MARKETING_SMS {des SMS publicitaires} other {des notifications publicitaires}} de notre part ?',
    'confirm.button': 'Oui, je confirme',
    'confirm.done': 'Merci, votre confirmation est enregistrée. Vous pouvez fermer cette page.',
    outdated: 'Ce lien n’est plus valable. Veuillez en demander un nouveau.',
    invalid: 'Ce lien n’est pas valable. Veuillez utiliser le lien complet du message.',
  },
  it: {
    'unsubscribe.title': 'Annulla l’iscrizione',
    'unsubscribe.question':
      'Non vuole più ricevere {purpose, select, MARKETING_EMAIL {e-mail pubblicitarie} MARKETING_SMS {SMS pubblicitari} other {notifiche pubblicitarie}} da noi?',
    'unsubscribe.button': 'Annulla l’iscrizione',
    'unsubscribe.done': 'L’iscrizione è annullata. Può chiudere questa pagina.',
    'confirm.title': 'Confermi, per favore',
    'confirm.question':
      'Vuole ricevere {purpose, select, MARKETING_EMAIL {e-mail pubblicitarie} MARKETING_SMS {SMS pubblicitari} other {notifiche pubblicitarie}} da noi?',
    'confirm.button': 'Sì, confermo',
    'confirm.done': 'Grazie, la conferma è registrata. Può chiudere questa pagina.',
    outdated: 'Questo link non è più valido. Ne richieda uno nuovo.',
    invalid: 'Questo link non è valido. Usi il link completo del messaggio.',
  },
  es: {
    'unsubscribe.title': 'Cancelar la suscripción',
    'unsubscribe.question':
      '¿Quiere dejar de recibir {purpose, select, MARKETING_EMAIL {correos publicitarios} MARKETING_SMS {SMS publicitarios} other {notificaciones publicitarias}} nuestros?',
    'unsubscribe.button': 'Cancelar la suscripción',
    'unsubscribe.done': 'Su suscripción está cancelada. Puede cerrar esta página.',
    'confirm.title': 'Confirme, por favor',
    'confirm.question':
      '¿Quiere recibir {purpose, select, MARKETING_EMAIL {correos publicitarios} MARKETING_SMS {SMS publicitarios} other {notificaciones publicitarias}} nuestros?',
    'confirm.button': 'Sí, confirmo',
    'confirm.done': 'Gracias, su confirmación está registrada. Puede cerrar esta página.',
    outdated: 'Este enlace ya no es válido. Solicite uno nuevo.',
    invalid: 'Este enlace no es válido. Use el enlace completo del mensaje.',
  },
};

export const linkMessages = createMessages<LinkMessage>(catalogs, 'en');
