import Anthropic from "@anthropic-ai/sdk";

import { KEY, MODEL, all, question, remembering, weather } from "./asking.mjs";

const client = remembering((url) => new Anthropic({ baseURL: url, apiKey: KEY }));

const body = (topic) => ({
  model: MODEL,
  temperature: 0,
  max_tokens: 200,
  messages: [{ role: "user", content: question(topic) }],
});
const tools = {
  tools: [{ name: weather.name, description: weather.description, input_schema: weather.parameters }],
  tool_choice: { type: "any" },
};
const create = (url, topic, more) => client(url).messages.create({ ...body(topic), ...more });

export const message = (url, topic) => create(url, topic, {});
export const stream = async (url, topic) => all(await create(url, topic, { stream: true }));
export const helper = (url, topic) => client(url).messages.stream(body(topic)).finalMessage();
export const tool = (url, topic) => create(url, topic, tools);
export const toolStream = async (url, topic) => all(await create(url, topic, { ...tools, stream: true }));
// What an agent sends: a beta, marks for the prompt cache, whom it is for.
export const agent = (url, topic) =>
  client(url).beta.messages.create({
    ...body(topic),
    betas: ["interleaved-thinking-2025-05-14"],
    system: [{ type: "text", text: "You are a clerk.", cache_control: { type: "ephemeral" } }],
    metadata: { user_id: `session-${Math.random()}` },
  });
export const tokens = (url, topic) =>
  client(url).messages.countTokens({ model: MODEL, messages: body(topic).messages });
export const badRequest = (url, topic) => create(url, topic, { max_tokens: -1 });
export const unknownModel = (url, topic) => create(url, topic, { model: "nobody" });
