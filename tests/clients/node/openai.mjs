import OpenAI from "openai";

import { KEY, MODEL, all, person, question, remembering, weather } from "./asking.mjs";

const client = remembering((url) => new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY }));

const body = (topic) => ({
  model: MODEL,
  temperature: 0,
  max_tokens: 200,
  messages: [{ role: "user", content: question(topic) }],
});
const tools = { tools: [{ type: "function", function: weather }], tool_choice: "required" };
const usage = { stream: true, stream_options: { include_usage: true } };

const create = (url, topic, more) => client(url).chat.completions.create({ ...body(topic), ...more });

export const chat = (url, topic) => create(url, topic, {});
export const stream = async (url, topic) => all(await create(url, topic, usage));
export const streamWithoutUsage = async (url, topic) => all(await create(url, topic, { stream: true }));
export const tool = (url, topic) => create(url, topic, { ...tools, parallel_tool_calls: false });
export const toolStream = async (url, topic) => all(await create(url, topic, { ...tools, ...usage }));
export const jsonObject = (url, topic) =>
  create(url, topic, { response_format: { type: "json_object" } });
export const parsed = async (url, topic) => {
  const schema = { type: "json_schema", json_schema: { name: "person", strict: true, schema: person } };
  return (await client(url).chat.completions.parse({ ...body(topic), response_format: schema })).choices;
};
export const choices = (url, topic) => create(url, topic, { n: 2, temperature: 0.5, seed: 1, logprobs: true, top_logprobs: 2 });
export const accounted = (url, topic) =>
  create(url, topic, { user: "u1", metadata: { run: String(Math.random()) } });
export const helper = (url, topic) =>
  client(url).chat.completions.stream({ ...body(topic), stream_options: { include_usage: true } })
    .finalChatCompletion();
export const completion = (url, topic) =>
  client(url).completions.create({ model: MODEL, temperature: 0, max_tokens: 40, prompt: question(topic) });

const response = (url, topic, more) =>
  client(url).responses.create({
    model: MODEL, temperature: 0, max_output_tokens: 200, input: question(topic), store: false, ...more,
  });
export const responses = (url, topic) => response(url, topic, {});
export const responsesStream = async (url, topic) => all(await response(url, topic, { stream: true }));
export const embedding = (url, topic) =>
  client(url).embeddings.create({ model: MODEL, input: question(topic) });

export const models = (url) => all(client(url).models.list());
export const unknownModel = (url, topic) => create(url, topic, { model: "nobody" });
export const badRequest = (url, topic) => create(url, topic, { max_tokens: -1 });
export const wrongKey = (url, topic) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: "sk-wrong" }).chat.completions.create(body(topic));
export const impatient = (url, topic) =>
  client(url).chat.completions.create(body(topic), { timeout: 300, maxRetries: 0 });
export const leaving = async (url, topic) => {
  const chunks = await create(url, topic, { stream: true });
  for await (const chunk of chunks) if (chunk.choices[0]?.delta.content) break;
};
