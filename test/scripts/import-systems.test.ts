import { expect } from 'chai';
import { analyse } from 'scslre';
import { mappings } from '../../scripts/import/mappings/index.js';
import type { ProductInput, VariantInput } from '../../scripts/import/product-input.js';
import { imported } from '../support/importing.js';

const optionsOf = ({ selectedOptions }: VariantInput) =>
  selectedOptions.map(({ name, value }) => `${name}: ${value}`).join(', ');
/** A product's variants as "options | amount | quantity". */
const shown = ({ variants = [] }: ProductInput) =>
  variants.map((each) => `${optionsOf(each)} | ${each.prices?.[0]?.amount} | ${each.stock?.[0]?.quantity}`);

describe('The export of', () => {
  it('Shopify: rows of one handle are one product with variants', async () => {
    const { products, sum, losses } = await imported(
      [
        'Handle,Title,Body (HTML),Vendor,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Variant Inventory Qty,Image Src,Status',
        'mug,Mug,<p>For <b>tea</b></p>,Acme,"kitchen, gift",true,Size,Small,M-S,9.00,0.00,0,https://x/1.jpg,active',
        'mug,,,,,,,Large,M-L,12.00,15.00,4,https://x/2.jpg,',
        'mug,,,,,,,,,,,,https://x/3.jpg,',
        'cup,Cup,,Acme,,true,Title,Default Title,C-1,5.00,,3,,active',
        'draft,Draft,,Acme,,false,Title,Default Title,D-1,5.00,,3,,active',
      ],
      'shopify',
      'EUR',
    );
    expect(sum).to.include({ rows: 5, saved: 3, rejected: 0, variants: 2 });
    const mug = products.get('mug')!;
    expect(mug).to.deep.include({
      title: 'Mug',
      description: 'For tea',
      brand: 'Acme',
      tags: ['kitchen', 'gift'],
      status: 'ACTIVE',
    });
    expect(mug.media?.map(({ url }) => url)).to.deep.equal([
      'https://x/1.jpg',
      'https://x/2.jpg',
      'https://x/3.jpg',
    ]);
    expect(shown(mug)).to.deep.equal(['Size: Small | 9.00 | 0', 'Size: Large | 12.00 | 4']);
    expect(mug.variants?.map(({ sku }) => sku)).to.deep.equal(['M-S', 'M-L']);
    expect(mug.variants?.[1]?.prices?.[0]).to.include({ listAmount: '15.00' });
    expect(losses.map(({ line, column, value }) => [line, column, value])).to.deep.equal([
      [2, 'Variant Compare At Price', '0.00'],
    ]);
    expect(products.get('cup'))
      .to.deep.include({ sku: 'C-1', stock: [{ quantity: 3 }] })
      .and.not.have.property('variants');
    expect(products.get('draft')).to.include({ status: 'DRAFT' });
  });

  it('Shopify: a variant without stock that is sold all the same is in stock', async () => {
    const { products } = await imported(
      [
        'Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy',
        'a,A,Size,S,1,shopify,0,deny',
        'a,,,M,1,shopify,0,continue',
        'a,,,L,1,,0,deny',
      ],
      'shopify',
      'EUR',
    );
    expect(shown(products.get('a')!)).to.deep.equal([
      'Size: S | 1 | 0',
      'Size: M | 1 | 1',
      'Size: L | 1 | 1',
    ]);
  });

  it('Shopify: the products of its API', async () => {
    const product = {
      id: 1,
      title: 'Mug',
      handle: 'mug',
      body_html: '<p>Tea</p>',
      vendor: 'Acme',
      status: 'active',
      options: [{ name: 'Size' }],
      images: [{ src: 'https://x/1.jpg' }],
      variants: [
        { id: 11, sku: 'M-S', option1: 'S', price: '9.00', inventory_quantity: 2 },
        { id: 12, sku: 'M-L', option1: 'L', price: '12.00', inventory_quantity: 0 },
      ],
    };
    const { products } = await imported(JSON.stringify({ products: [product] }), 'shopify', 'EUR');
    expect(products.get('1')).to.deep.include({
      title: 'Mug',
      description: 'Tea',
      media: [{ url: 'https://x/1.jpg' }],
    });
    expect(shown(products.get('1')!)).to.deep.equal(['Size: S | 9.00 | 2', 'Size: L | 12.00 | 0']);
  });

  it('WooCommerce: variations are variants of the row that they name by SKU or id, before or after it', async () => {
    const { products, sum, losses } = await imported(
      [
        'ID,Type,SKU,Name,Published,Description,In stock?,Stock,Sale price,Regular price,Categories,Images,Parent,Attribute 1 name,Attribute 1 value(s)',
        '3,variation,tee-s,Tee - S,1,,1,5,9,12,,,id:1,Size,S',
        '1,variable,,Tee,1,Soft,1,,,,"Clothing > Tees, Sale","https://x/1.jpg, https://x/2.jpg",,Size,"S, M"',
        '4,variation,tee-m,Tee - M,1,,0,0,,12,,,id:1,Size,M',
        '2,simple,mug,Mug,1,,1,,,8,,,,Color,"Blue, Red"',
        '9,variation,orphan-l,Orphan - L,1,,1,1,,5,,,id:77,Size,L',
      ],
      'woocommerce',
      'GBP',
    );
    expect(sum).to.include({ rows: 5, saved: 3, variants: 3, rejected: 0 });
    const tee = products.get('1')!;
    expect(shown(tee)).to.deep.equal(['Size: S | 9 | 5', 'Size: M | 12 | 0']);
    expect(tee.variants?.[0]?.prices).to.deep.equal([{ amount: '9', currency: 'GBP', listAmount: '12' }]);
    expect(tee)
      .to.deep.include({ title: 'Tee', categoryIds: ['clothing/tees', 'sale'] })
      .and.not.have.property('stock');
    expect(products.get('2')).to.deep.include({
      sku: 'mug',
      prices: [{ amount: '8', currency: 'GBP' }],
      attributes: [
        { name: 'Color', value: 'Blue' },
        { name: 'Color', value: 'Red' },
      ],
    });
    expect(products.get('id:77')?.title).to.equal('Orphan - L');
    expect(losses).to.have.length(1);
    expect(losses[0]).to.include({ line: 6, column: 'parent', value: 'id:77' });
  });

  it('Magento: the variants that a configurable product names have rows of their own', async () => {
    const { products, sum, losses } = await imported(
      [
        'sku,store_view_code,product_type,categories,name,description,product_online,visibility,price,special_price,special_price_from_date,additional_attributes,qty,is_in_stock,configurable_variations,base_image,additional_images',
        'H-S,,simple,,Hoodie-S,,1,Not Visible Individually,52,40,"3/1/26, 12:00 AM","size=S",3,1,,,',
        'H-M,,simple,,Hoodie-M,,1,Not Visible Individually,52,,,"size=M",0,1,,,',
        'H,,configurable,"Default Category/Men/Tops,Default Category",Hoodie,"<p>Warm</p>",1,"Catalog, Search",52,,,"has_options=1,climate=Cool|Windy",0,1,"sku=H-S,size=S|sku=H-M,size=M|sku=H-L,size=L",/h.jpg,"/h2.jpg,/h3.jpg"',
        'H,de,configurable,,Kapuzenpulli,,,,,,,,,,,,',
        'BAG,,simple,Default Category/Gear,Bag,,1,"Catalog, Search",34,,,,7,1,,,',
      ],
      'magento',
      'USD',
    );
    expect(sum).to.include({ rows: 5, skipped: 1, saved: 2, variants: 2, rejected: 0 });
    const hoodie = products.get('H')!;
    expect(hoodie).to.deep.include({
      title: 'Hoodie',
      description: 'Warm',
      status: 'ACTIVE',
      categoryIds: ['men/tops'],
    });
    expect(shown(hoodie)).to.deep.equal(['Size: S | 52 | 3', 'Size: M | 52 | 0']);
    expect(hoodie.variants?.[0]?.prices?.[1]).to.include({
      amount: '40',
      listAmount: '52',
      validFrom: '2026-03-01T00:00:00.000Z',
    });
    expect(hoodie.attributes).to.deep.equal([
      { name: 'Climate', value: 'Cool' },
      { name: 'Climate', value: 'Windy' },
    ]);
    expect(hoodie.media?.map(({ url }) => url)).to.deep.equal(['/h.jpg', '/h2.jpg', '/h3.jpg']);
    expect(products.get('BAG')).to.deep.include({ sku: 'BAG', stock: [{ quantity: 7 }] });
    expect(losses.map(({ column, value }) => [column, value])).to.deep.equal([['variants', 'H-L']]);
  });

  it('BigCommerce: SKU rows follow their product', async () => {
    const { products } = await imported(
      [
        'Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Brand Name,Product Description,Price,Retail Price,Sale Price,Product Visible?,Track Inventory,Current Stock Level,Category,Product Image File - 1',
        'Product,7,Tee,P,TEE,Acme,<b>Soft</b>,12.00,15.00,,Y,by option,0,Shop/Tees;Sale,a/tee one.jpg',
        '  SKU,8,"[RT]Size=S,[CS]Color=Red",,TEE-S,,,12.00,,,,,4,,',
        '  SKU,9,"[RT]Size=M,[CS]Color=Red",,TEE-M,,,13.00,,,,,0,,',
        '  Rule,10,,,TEE-M,,,[FIXED]14,,,,,,,',
        'Product,11,Mug,P,MUG,Acme,,8.00,,6.00,N,none,0,Shop,',
      ],
      'bigcommerce',
      'USD',
    );
    expect(shown(products.get('7')!)).to.deep.equal([
      'Size: S, Color: Red | 12.00 | 4',
      'Size: M, Color: Red | 13.00 | 0',
    ]);
    expect(products.get('7')).to.deep.include({
      title: 'Tee',
      description: 'Soft',
      categoryIds: ['shop/tees', 'sale'],
    });
    expect(products.get('11')).to.deep.include({
      status: 'DRAFT',
      prices: [{ amount: '6.00', currency: 'USD', listAmount: '8.00' }],
      stock: [{ quantity: 1 }],
    });
  });

  it('BigCommerce: variant and image rows follow their product, and variants without a price have its price', async () => {
    const { products, losses } = await imported(
      [
        'Item,ID,Name,Type,SKU,Options,Inventory Tracking,Current Stock,Price,Retail Price,Sale Price,Categories,Description,Custom Fields,Variant Image URL,Image URL (Import),Is Visible',
        'Product,112,Cart,physical,CART,,variant,0,200,250,,Shop All;Utility/Laundry;Tops\\/Shirts,<p>Canvas</p>,"""Fabric""=""Canvas"";Made in=Portugal",,,TRUE',
        'Variant,77,,,CART-S,Type=Rectangle|Name=Size|Value=SmallType=Swatch|Name=Colour|Value=Red[#ff0000],,3,,,,,,,https://x/red.jpg,,',
        'Variant,78,,,CART-L,Type=Rectangle|Name=Size|Value=Large [XL]Type=Swatch|Name=Colour|Value=Red[#ff0000],,0,220,,,,,,,,',
        'Image,9,,,,,,,,,,,,,,https://x/a.jpg,',
        'Product,113,Soap,physical,SOAP,,product,4,4.50,0.00,0,,,,,,TRUE',
      ],
      'bigcommerce',
      'EUR',
    );
    const cart = products.get('112')!;
    expect(shown(cart)).to.deep.equal([
      'Size: Small, Colour: Red | undefined | 3',
      'Size: Large [XL], Colour: Red | 220 | 0',
    ]);
    expect(cart).to.deep.include({
      prices: [{ amount: '200', currency: 'EUR', listAmount: '250' }],
      categoryIds: ['shop-all', 'utility/laundry', 'tops-shirts'],
      attributes: [
        { name: 'Fabric', value: 'Canvas' },
        { name: 'Made in', value: 'Portugal' },
      ],
      media: [{ url: 'https://x/a.jpg' }],
    });
    expect(cart.variants?.[0]?.media).to.deep.equal({ url: 'https://x/red.jpg' });
    expect(products.get('113')).to.deep.include({ prices: [{ amount: '4.50', currency: 'EUR' }] });
    expect(losses.map(({ column, value }) => [column, value])).to.deep.equal([
      ['Sale Price', '0'],
      ['Retail Price', '0.00'],
    ]);
  });

  const feedRows = [
    [
      'id',
      'title',
      'description',
      'price',
      'sale price',
      'availability',
      'item group id',
      'color',
      'size',
      'image link',
      'product type',
      'gtin',
    ],
    [
      't-1',
      'Tee - Red - S',
      'Soft',
      '12.00 USD',
      '',
      'in_stock',
      'tee',
      'Red',
      'S',
      'https://x/1.jpg',
      'Clothing > Tees',
      '4006381333931',
    ],
    ['m-1', 'Mug', 'Tea', '8.00 USD', '6.00 USD', 'preorder', '', 'Blue', '', 'https://x/m.jpg', 'Home', ''],
    [
      't-2',
      'Tee - Red - M',
      'Soft',
      '13.00 USD',
      '',
      'out of stock',
      'tee',
      'Red',
      'M',
      'https://x/2.jpg',
      'Clothing > Tees',
      '',
    ],
  ];
  const seeFeed = (products: ReadonlyMap<string, ProductInput>) => {
    const tee = products.get('tee')!;
    expect(tee.title).to.equal('Tee - Red');
    expect(shown(tee)).to.deep.equal(['Size: S | 12.00 | 1', 'Size: M | 13.00 | 0']);
    expect(tee.variants?.map(({ id }) => id)).to.deep.equal(['t-1', 't-2']);
    expect(tee.variants?.[0]).to.include({ gtin: '4006381333931' });
    expect(tee.attributes).to.deep.include({ name: 'Color', value: 'Red' });
    expect(products.get('m-1')).to.deep.include({
      prices: [{ amount: '6.00', currency: 'USD', listAmount: '8.00' }],
      stock: [{ quantity: 1 }],
      attributes: [{ name: 'Color', value: 'Blue' }],
    });
  };

  it('Google: a text with tabs, whose rows of one group are variants', async () => {
    const { products } = await imported(
      feedRows.map((row) => row.join('\t')),
      'google',
    );
    seeFeed(products);
  });

  it('Google: details and measures of a text; a category that is a number only is left out', async () => {
    const { products } = await imported(
      [
        'id,title,price,product_detail,unit_pricing_measure,unit_pricing_base_measure,google_product_category',
        'oil,Oil,12.50 EUR,"General:Origin:Greece,:Harvest:2026",500ml,1 l,422',
        'tea,Tea,4.00 EUR,,0.25 kg,100 g,Food > Tea',
      ].map((line) => line.replaceAll(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '\t')),
      'google',
    );
    expect(products.get('oil')).to.deep.include({
      attributes: [
        { name: 'Origin', value: 'Greece' },
        { name: 'Harvest', value: '2026' },
      ],
      contents: { value: 500, unit: 'ML' },
      unitPriceBase: { value: 1, unit: 'L' },
    });
    expect(products.get('oil')).not.to.have.property('categoryIds');
    expect(products.get('tea')).to.deep.include({
      categoryIds: ['food/tea'],
      contents: { value: 0.25, unit: 'KG' },
      unitPriceBase: { value: 100, unit: 'G' },
    });
  });

  it('Google: RSS', async () => {
    const [names = [], ...rows] = feedRows;
    const items = rows.map(
      (row) =>
        `<item>${row.map((cell, at) => (cell ? `<g:${names[at]?.replaceAll(' ', '_')}>${cell.replace('>', '&gt;')}</g:${names[at]?.replaceAll(' ', '_')}>` : '')).join('')}</item>`,
    );
    const { products } = await imported(
      `<rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>${items.join('')}</channel></rss>`,
      'google',
    );
    seeFeed(products);
  });

  it('Meta: a CSV with a line of comments', async () => {
    const [names = [], ...rows] = feedRows;
    const header = [
      '# Required | A unique content ID',
      names.map((name) => name.replaceAll(' ', '_')).join(','),
    ];
    const { products } = await imported([...header, ...rows.map((row) => row.join(','))], 'meta');
    seeFeed(products);
  });

  it('Meta: pictures and styles in numbered columns or in one cell of JSON', async () => {
    const { products } = await imported(
      [
        'id,title,price,image[0].url,image[0].tag[0],image[1].url,style[0],image',
        'a,Scarf,9.00 EUR,https://x/1.jpg,hero,https://x/2.jpg,casual,',
        'b,Hat,9.00 EUR,,,,,"[{""url"":""https://x/3.jpg"",""tag"":[""hero""]},{""url"":""https://x/4.jpg""}]"',
      ],
      'meta',
    );
    expect(products.get('a')).to.deep.include({
      media: [{ url: 'https://x/1.jpg' }, { url: 'https://x/2.jpg' }],
      attributes: [{ name: 'Style', value: 'casual' }],
    });
    expect(products.get('b')?.media).to.deep.equal([{ url: 'https://x/3.jpg' }, { url: 'https://x/4.jpg' }]);
  });

  it('Vendure: rows without a name are further variants of the product above', async () => {
    const { products, losses } = await imported(
      [
        'name   , slug , description , assets        , facets                           , optionGroups , optionValues , sku , price , stockOnHand , trackInventory',
        'Laptop , lap  , "Fast, thin", "a.jpg|b.jpg" , category:Computers|brand:Apple    , "size|RAM"   , "13 inch|8GB", L1  , 1299.00 , 10        , true',
        '       ,      ,             ,               ,                                  ,              , "15 inch|8GB", L2  , 1399.00 , 0         , true',
        'Mouse  , mou  , Clicks      ,               , color:black                      ,              ,              , M1  , 18.99 , -3          , true',
      ],
      'vendure',
      'EUR',
    );
    expect(products.get('lap')).to.deep.include({
      title: 'Laptop',
      brand: 'Apple',
      categoryIds: ['computers'],
      description: 'Fast, thin',
    });
    expect(shown(products.get('lap')!)).to.deep.equal([
      'Size: 13 inch, RAM: 8GB | 1299.00 | 10',
      'Size: 15 inch, RAM: 8GB | 1399.00 | 0',
    ]);
    expect(products.get('mou')).to.deep.include({ sku: 'M1', stock: [{ quantity: 0 }] });
    expect(losses.map(({ value }) => value)).to.deep.equal(['-3']);
  });

  it('Medusa: prices by currency and region, options by number', async () => {
    const { products } = await imported(
      [
        'Product Id;Product Handle;Product Title;Product Status;Product Image 1;Product Tag 1;Variant Id;Variant Title;Variant Sku;Variant Manage Inventory;Variant Price EUR;Variant Price Berlin [EUR];Variant Option 1 Name;Variant Option 1 Value',
        'p1;tee;Tee;proposed;a.png;new;v1;S;T-S;false;45;40;size;small',
        'p1;tee;Tee;proposed;a.png;new;v2;M;T-M;false;65;;size;large',
      ],
      'medusa',
    );
    expect(products.get('p1')).to.deep.include({
      title: 'Tee',
      handle: 'tee',
      status: 'DRAFT',
      tags: ['new'],
    });
    expect(shown(products.get('p1')!)).to.deep.equal(['Size: small | 45 | 1', 'Size: large | 65 | 1']);
    expect(products.get('p1')?.variants?.[0]?.prices?.[1]).to.deep.equal({
      amount: '40',
      currency: 'EUR',
      storeId: 'Berlin',
    });
  });

  it('Saleor: its CSV', async () => {
    const { products } = await imported(
      [
        'id,name,description as str,category,variant id,variant sku,web (channel price amount),web (channel variant currency code),berlin (warehouse quantity),size (variant attribute),material (product attribute)',
        'P1,Tee,Soft,Tees,V1,T-S,12.000,EUR,3,S,Cotton',
        'P1,Tee,Soft,Tees,V2,T-M,13.000,EUR,0,M,Cotton',
      ],
      'saleor',
    );
    const tee = products.get('P1')!;
    expect(shown(tee)).to.deep.equal(['Size: S | 12.00 | 3', 'Size: M | 13.00 | 0']);
    expect(tee.variants?.[0]?.stock).to.deep.equal([{ quantity: 3, storeId: 'berlin' }]);
    expect(tee.attributes).to.deep.equal([{ name: 'Material', value: 'Cotton' }]);
  });

  it('Saleor: the products of its API', async () => {
    const variant = (id: string, size: string, amount: number, quantity: number) => ({
      id,
      sku: id,
      name: size,
      attributes: [{ attribute: { name: 'Size' }, values: [{ name: size }] }],
      channelListings: [{ price: { amount, currency: 'USD' } }],
      stocks: [{ warehouse: { slug: 'main' }, quantity }],
    });
    const node = {
      id: 'P1',
      name: 'Tee',
      slug: 'tee',
      description: JSON.stringify({ blocks: [{ type: 'paragraph', data: { text: 'Very <b>soft</b>' } }] }),
      category: { name: 'Tees' },
      media: [{ url: 'https://x/1.jpg', alt: 'Front' }],
      variants: [variant('V1', 'S', 12.5, 3), variant('V2', 'M', 13, 0)],
    };
    const { products } = await imported(
      JSON.stringify({ data: { products: { edges: [{ node }] } } }),
      'saleor',
    );
    const tee = products.get('P1')!;
    expect(tee).to.deep.include({
      handle: 'tee',
      description: 'Very soft',
      categoryIds: ['tees'],
      media: [{ url: 'https://x/1.jpg', alt: 'Front' }],
    });
    expect(shown(tee)).to.deep.equal(['Size: S | 12.5 | 3', 'Size: M | 13 | 0']);
  });

  it('Saleor: a dump of its database, whose tables come in any order', async () => {
    const models = [
      ['warehouse.stock', 1, { warehouse: 'w', product_variant: 11, quantity: 4 }],
      [
        'product.productvariantchannellisting',
        1,
        { variant: 11, currency: 'USD', price_amount: '12.000', discounted_price_amount: '9.000' },
      ],
      [
        'product.productvariantchannellisting',
        2,
        { variant: 12, currency: 'USD', price_amount: '13.000', discounted_price_amount: '13.000' },
      ],
      ['product.productvariant', 11, { product: 1, sku: 'T-S', name: 'S', track_inventory: true }],
      ['product.productvariant', 12, { product: 1, sku: 'T-M', name: 'M', track_inventory: false }],
      ['attribute.assignedvariantattribute', 1, { variant: 11 }],
      ['attribute.assignedvariantattribute', 2, { variant: 12 }],
      ['attribute.assignedvariantattributevalue', 1, { assignment: 1, value: 5 }],
      ['attribute.assignedvariantattributevalue', 2, { assignment: 2, value: 6 }],
      ['attribute.attributevalue', 5, { attribute: 7, name: 'S' }],
      ['attribute.attributevalue', 6, { attribute: 7, name: 'M' }],
      ['attribute.attribute', 7, { name: 'Size' }],
      ['product.category', 2, { name: 'Tees', parent: 3 }],
      ['product.category', 3, { name: 'Clothing', parent: null }],
      [
        'product.product',
        1,
        {
          name: 'Tee',
          slug: 'tee',
          category: 2,
          description: { blocks: [{ data: { text: '<b>Soft</b>' } }] },
        },
      ],
      ['product.productmedia', 1, { product: 1, image: 'products/tee.png', alt: 'Front' }],
      ['product.productchannellisting', 1, { product: 1, is_published: false }],
      ['warehouse.warehouse', 'w', { slug: 'main' }],
      ['menu.menu', 1, { name: 'navbar' }],
    ].map(([model, pk, fields]) => ({ model, pk, fields }));
    const { products, sum } = await imported(JSON.stringify(models), 'saleor');
    expect(sum).to.include({ rows: 1, saved: 1, variants: 2, losses: 0 });
    const tee = products.get('1')!;
    expect(tee).to.deep.include({
      title: 'Tee',
      handle: 'tee',
      description: 'Soft',
      status: 'DRAFT',
      categoryIds: ['clothing/tees'],
      media: [{ url: 'products/tee.png', alt: 'Front' }],
    });
    expect(shown(tee)).to.deep.equal(['Size: S | 9.00 | 4', 'Size: M | 13.00 | undefined']);
    expect(tee.variants?.[0]?.prices?.[0]).to.include({ listAmount: '12.00' });
  });

  it('commercetools: its CSV, with prices of one cell and texts by locale', async () => {
    const { products } = await imported(
      [
        'productType,variantId,sku,prices,categories,images,name.en,name.de,slug.en,size,color',
        'main,1,S-1,EUR 3000;US-USD 3500;EUR 1967 b2b;EUR 3240#vienna,Men>Shoes,https://x/1.jpg,Sneaker,Turnschuh,sneaker,39,grey',
        ',2,S-2,EUR 3100,,https://x/2.jpg,,,,40,grey',
      ],
      'commercetools',
    );
    const sneaker = products.get('sneaker')!;
    expect(sneaker).to.deep.include({ title: 'Sneaker', categoryIds: ['men/shoes'] });
    expect(sneaker.translations).to.deep.include({ locale: 'de', title: 'Turnschuh' });
    expect(shown(sneaker)).to.deep.equal(['Size: 39 | 30.00 | undefined', 'Size: 40 | 31.00 | undefined']);
    expect(sneaker.variants?.[0]?.prices).to.deep.include({
      amount: '19.67',
      currency: 'EUR',
      customerGroup: 'b2b',
    });
    expect(sneaker.variants?.[0]?.prices).to.deep.include({
      amount: '32.40',
      currency: 'EUR',
      storeId: 'vienna',
    });
  });

  it('commercetools: the products of its API', async () => {
    const variant = (sku: string, size: string, centAmount: number) => ({
      sku,
      attributes: [{ name: 'size', value: { key: size, label: size } }],
      prices: [{ value: { centAmount, currencyCode: 'EUR' } }],
      availability: { isOnStock: true, availableQuantity: 4 },
    });
    const product = {
      id: 'u1',
      key: 'sneaker',
      version: 3,
      name: { de: 'Turnschuh', en: 'Sneaker' },
      slug: { en: 'sneaker' },
      masterVariant: variant('S-1', '39', 3000),
      variants: [variant('S-2', '40', 3100)],
    };
    const { products } = await imported(JSON.stringify({ results: [product] }), 'commercetools');
    expect(products.get('sneaker')).to.deep.include({ title: 'Sneaker', version: 3 });
    expect(products.get('sneaker')?.translations).to.deep.include({ locale: 'de', title: 'Turnschuh' });
    expect(shown(products.get('sneaker')!)).to.deep.equal(['Size: 39 | 30.00 | 4', 'Size: 40 | 31.00 | 4']);
  });

  it('Akeneo: rows of one product model are variants, by the attributes that differ', async () => {
    const { products } = await imported(
      [
        'sku;categories;enabled;family;parent;name-en_US;name-de_DE;color;size;price-EUR;price-USD',
        'T-S;goodies,tees;1;tees;model;Tee black;T-Shirt schwarz;black;s;10;14',
        'T-M;goodies,tees;1;tees;model;Tee black;T-Shirt schwarz;black;m;10.5;14',
        'MUG;goodies;0;mugs;;Mug;Tasse;white;;5;6',
      ],
      'akeneo',
    );
    expect(shown(products.get('model')!)).to.deep.equal([
      'Size: s | 10 | undefined',
      'Size: m | 10.5 | undefined',
    ]);
    expect(products.get('model')).to.deep.include({ title: 'Tee black', categoryIds: ['goodies', 'tees'] });
    expect(products.get('MUG')).to.deep.include({ status: 'DRAFT', sku: 'MUG' });
    expect(products.get('MUG')?.prices).to.deep.equal([
      { amount: '5', currency: 'EUR' },
      { amount: '6', currency: 'USD' },
    ]);
  });

  it('BMEcat 2005: products with features, pictures and prices by quantity', async () => {
    const { products } = await imported(
      `<BMECAT version="2005"><HEADER><CATALOG><CURRENCY>EUR</CURRENCY><MIME_ROOT>https://x/img</MIME_ROOT></CATALOG></HEADER><T_NEW_CATALOG>
      <PRODUCT><SUPPLIER_PID>1000</SUPPLIER_PID><PRODUCT_DETAILS><DESCRIPTION_SHORT>Drill</DESCRIPTION_SHORT><INTERNATIONAL_PID type="gtin">4006381333931</INTERNATIONAL_PID></PRODUCT_DETAILS>
      <PRODUCT_FEATURES><FEATURE><FNAME>Voltage</FNAME><FVALUE>110</FVALUE><FVALUE>220</FVALUE></FEATURE></PRODUCT_FEATURES>
      <PRODUCT_PRICE_DETAILS><PRODUCT_PRICE price_type="net_customer"><PRICE_AMOUNT>1499.5</PRICE_AMOUNT><LOWER_BOUND>1</LOWER_BOUND></PRODUCT_PRICE>
      <PRODUCT_PRICE price_type="net_customer"><PRICE_AMOUNT>1300.9</PRICE_AMOUNT><LOWER_BOUND>100</LOWER_BOUND></PRODUCT_PRICE></PRODUCT_PRICE_DETAILS>
      <MIME_INFO><MIME><MIME_SOURCE>55-K.jpg</MIME_SOURCE><MIME_DESCR>Front</MIME_DESCR></MIME></MIME_INFO></PRODUCT></T_NEW_CATALOG></BMECAT>`,
      'bmecat',
    );
    expect(products.get('1000')).to.deep.include({
      title: 'Drill',
      gtin: '4006381333931',
      attributes: [
        { name: 'Voltage', value: '110' },
        { name: 'Voltage', value: '220' },
      ],
      media: [{ url: 'https://x/img/55-K.jpg', alt: 'Front' }],
      prices: [
        { amount: '1499.5', currency: 'EUR', taxIncluded: false },
        { amount: '1300.9', currency: 'EUR', minQuantity: 100, taxIncluded: false },
      ],
    });
  });

  it('a system whose file is of another system is refused in one message that names the columns', async () => {
    const error = await imported(['sku,name', 'a,Mug'], 'shopify', 'EUR').catch(String);
    expect(error)
      .to.include('nothing was saved')
      .and.include('the file has no column "Handle", "URL handle"')
      .and.include('"sku", "name"');
    expect(await imported('<rss><item><id>1</id></item></rss>', 'shopify').catch(String)).to.include(
      '--from shopify reads CSV and JSON, and the file is XML',
    );
  });
});

describe('The mappings of systems', () => {
  it('have expressions that take time linear in the text they read', () => {
    const expressions: string[] = [];
    const visit = (value: unknown, key: string): void => {
      if (typeof value === 'string' && (key === 'match' || key === 'columns')) expressions.push(value);
      else if (typeof value === 'object' && value !== null)
        for (const [name, each] of Object.entries(value)) visit(each, name);
    };
    visit(mappings, '');
    expect(expressions.length).to.be.above(20);
    const slow = expressions.filter((source) => analyse({ source, flags: 'u' }).reports.length > 0);
    expect(slow).to.deep.equal([]);
  });
});

describe('Variants of an import', () => {
  const mapping = {
    id: 'group',
    title: 'title',
    variants: { sku: 'sku', options: [{ name: { constant: 'Size' }, value: 'size' }] },
    rows: { same: 'group' },
  };

  it('with the SKU of another are kept without it, and an exact repetition is left out', async () => {
    const { products, losses } = await imported(
      ['group,title,sku,size', 'a,Tee,X,S', 'a,Tee,X,M', 'a,Tee,X,S'],
      mapping,
    );
    expect(
      products.get('a')?.variants?.map(({ sku, selectedOptions }) => [sku, selectedOptions[0]?.value]),
    ).to.deep.equal([
      ['X', 'S'],
      [undefined, 'M'],
    ]);
    expect(losses.map(({ line, column }) => [line, column])).to.deep.equal([
      [3, 'sku'],
      [4, 'variant'],
    ]);
  });

  it('that have all options in common get a further one', async () => {
    const { products } = await imported(['group,title,sku,size', 'a,Tee,X,S', 'a,Tee,Y,S'], mapping);
    expect(products.get('a')?.variants?.map(optionsOf)).to.deep.equal([
      'Size: S, Variant: X',
      'Size: S, Variant: Y',
    ]);
  });

  it('that have no options beside others that have get one', async () => {
    const { products, losses } = await imported(
      ['group,title,sku,size', 'a,Tee,X,S', 'a,Tee,Y,', 'a,Tee,Z,M'],
      mapping,
    );
    expect(products.get('a')?.variants?.map(optionsOf)).to.deep.equal(['Size: S', 'Variant: Y', 'Size: M']);
    expect(losses.map(({ line, reason }) => [line, reason])).to.deep.equal([
      [3, 'has no options as other variants have; the option "Variant: Y" was added'],
    ]);
  });

  it('that never begin a product are refused, instead of one product of the whole file', async () => {
    const lines = Array.from({ length: 10_002 }, (_, i) => `,S${i}`);
    const continued = {
      ...mapping,
      id: { first: ['title', { constant: 'a' }] },
      rows: { continues: 'title' },
    };
    const error = await imported(['title,sku,size,group', ...lines], continued).catch(String);
    expect(error).to.include('more than 10000 rows up to line 10002 continue one product');
  });

  it('of one product may be far from each other in the file', async () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => `g${i % 500},Tee,S${i},${i}`);
    const { sum } = await imported(['group,title,sku,size', ...lines], mapping);
    expect(sum).to.include({ rows: 2_000, saved: 500, variants: 2_000, rejected: 0 });
  });
});
