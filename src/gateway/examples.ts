/** The queries GraphiQL opens with; the demo shop answers each of them. */
export const examples: readonly {
  readonly query: string;
  readonly variables?: string;
  readonly role: 'STOREFRONT' | 'SERVER' | 'MERCHANDISER' | 'ADMIN';
}[] = [
  {
    role: 'STOREFRONT',
    query: `# The home page of Ada, who loves coffee.
# Try sessionId "demo-grace", or leave it out: an anonymous visitor.
query Home {
  shopper(context: {
    channel: WEB, sessionId: "demo-ada", currency: "EUR", locale: "en"
  }) {
    personalization { applied reason }
    recommendations(placement: "home", first: 6) {
      decisionId
      items {
        position source
        product { id title price { amount currency } }
        reasons { code text }
      }
    }
  }
}`,
  },
  {
    role: 'STOREFRONT',
    query: `# The same ranking, to be spoken.
query SpokenHome {
  shopper(context: {
    channel: VOICE, sessionId: "demo-ada", currency: "EUR", locale: "en"
  }) {
    recommendations(placement: "home", first: 6) {
      speech { text ssml reprompt }
      omitted { reason product { title } }
    }
  }
}`,
  },
  {
    role: 'STOREFRONT',
    query: `# Typing errors, plurals and accents are forgiven;
# facets and suggestions come along.
query Search {
  shopper(context: {
    channel: WEB, sessionId: "demo-ada", currency: "EUR"
  }) {
    search(query: "cofee grindr") {
      queryId total correctedQuery personalized
      products(first: 5) {
        nodes { id title brand price { amount currency } inStock }
      }
      facets(names: ["brand", "category", "price"]) {
        name min max values { label count }
      }
    }
    suggest(prefix: "cof") { text kind }
  }
}`,
  },
  {
    role: 'STOREFRONT',
    query: `# A view is in the next answer: send this, then ask for Home again
# (a messageId counts once: take another one for another view).
mutation View($product: ID!, $message: ID!) {
  recordEvents(
    context: { channel: WEB, sessionId: "demo-ada" }
    events: [{
      messageId: $message, type: PRODUCT_VIEWED, productIds: [$product]
    }]
  ) { accepted duplicates rejected userErrors { code message path } }
}`,
    variables: '{ "product": "coffee-grinders-04", "message": "view-1" }',
  },
  {
    role: 'STOREFRONT',
    query: `# Withdraw, and the next response in every channel
# is that of an anonymous visitor.
mutation Withdraw {
  setConsent(
    context: { channel: WEB, sessionId: "demo-ada" }
    decisions: [{ purpose: PERSONALIZATION, status: WITHDRAWN }]
  ) {
    consents { purpose status decidedAt }
    shopper { personalization { applied reason } }
    userErrors { message }
  }
}`,
  },
  {
    role: 'MERCHANDISER',
    query: `# Holds in the next search, in suggestions and in voice.
mutation Synonym {
  saveSynonym(synonym: {
    kind: ONE_WAY, input: "brew kit", terms: ["coffee maker"]
  }) {
    synonym { id kind input terms } userErrors { code message }
  }
}`,
  },
  {
    role: 'MERCHANDISER',
    query: `# Models trained from the shop's own sessions, by version.
# rollbackModel goes back to the one in use before.
query Models {
  recommendationModels {
    version builtAt sessions interactions metrics current
  }
}`,
  },
];
