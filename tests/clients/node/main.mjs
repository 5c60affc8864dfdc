// The clients for Node. Reads {"call", "url", "topic"} a line, answers {"value"} or {"error"} a line.
import { createInterface } from "node:readline";

import * as anthropic from "./anthropic.mjs";
import * as langchain from "./langchain.mjs";
import * as openai from "./openai.mjs";
import * as vercel from "./vercel.mjs";

const calls = { anthropic, langchain, openai, vercel };

async function answer({ call, url, topic }) {
  const [client, name] = call.split(".");
  try {
    return { value: (await calls[client][name](url, topic)) ?? null };
  } catch (error) {
    const status = error.status ?? error.statusCode ?? error.lastError?.statusCode ?? null;
    return { error: { kind: error.constructor.name, status, text: String(error.message) } };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
}
