import type { VoiceList } from '../../src/ports/voice.js';

/** A data binding of the language. */
const bound = (path: string): string => `\${${path}}`;

/** A list for devices with a screen, in the Alexa Presentation Language: what was said, with pictures and prices; touching one selects it. */
export function screenOf({ items }: VoiceList, title: string): Readonly<Record<string, unknown>> {
  return {
    type: 'Alexa.Presentation.APL.RenderDocument',
    token: 'rapport-list',
    document: {
      type: 'APL',
      version: '1.8',
      mainTemplate: {
        parameters: ['payload'],
        items: [
          {
            type: 'Sequence',
            width: '100vw',
            height: '100vh',
            data: bound('payload.list.properties.items'),
            numbered: true,
            firstItem: [
              {
                type: 'Text',
                text: bound('payload.list.properties.title'),
                paddingLeft: '5vw',
                paddingTop: '4vh',
                fontSize: '6vh',
              },
            ],
            item: {
              type: 'TouchWrapper',
              onPress: { type: 'SendEvent', arguments: ['select', bound('data.ordinal')] },
              item: {
                type: 'Container',
                direction: 'row',
                alignItems: 'center',
                paddingLeft: '5vw',
                height: '26vh',
                items: [
                  {
                    type: 'Image',
                    when: bound('data.imageUrl'),
                    source: bound('data.imageUrl'),
                    width: '24vh',
                    height: '24vh',
                  },
                  {
                    type: 'Text',
                    text: `${bound('data.ordinal')}. ${bound('data.title')}`,
                    paddingLeft: '3vw',
                    grow: 1,
                    shrink: 1,
                    fontSize: '5vh',
                    maxLines: 2,
                  },
                  {
                    type: 'Text',
                    text: bound('data.price'),
                    paddingLeft: '3vw',
                    paddingRight: '5vw',
                    fontSize: '5vh',
                  },
                ],
              },
            },
          },
        ],
      },
    },
    datasources: {
      list: {
        type: 'object',
        properties: {
          title,
          items: items.map(({ ordinal, title: text, price, imageUrl }) => ({
            ordinal,
            title: text,
            price: price ?? '',
            imageUrl,
          })),
        },
      },
    },
  };
}
