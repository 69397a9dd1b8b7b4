import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import express from 'express';
import { createYoga } from 'graphql-yoga';
import { serve } from './servers.js';

/** The anchor: graphql-yoga on express as its documentation has it, answering the same JSON from memory. */
const directory = process.env.SCHEMA_DIRECTORY!;
let recorded: unknown = null;
const schema = makeExecutableSchema({
  typeDefs: readdirSync(directory)
    .filter((file) => file.endsWith('.graphql'))
    .map((file) => readFileSync(join(directory, file), 'utf8')),
  resolvers: { Query: { shopper: () => recorded } },
});
const yoga = createYoga({ schema, logging: false, graphiql: false });
const app = express();
app.use(yoga.graphqlEndpoint, yoga);
const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  serve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, async (message) => {
    recorded = (message as { shopper: unknown }).shopper;
  });
});
