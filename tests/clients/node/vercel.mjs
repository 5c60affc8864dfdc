import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, generateObject, generateText, jsonSchema, streamText, tool as aTool } from "ai";

import { KEY, MODEL, all, person, question, remembering, weather } from "./asking.mjs";

const provider = remembering((url) =>
  createOpenAICompatible({
    name: "vllm", baseURL: `${url}/v1`, apiKey: KEY, includeUsage: true, supportsStructuredOutputs: true,
  }),
);
const asked = (url, topic) => ({
  model: provider(url)(MODEL), prompt: question(topic), temperature: 0, maxOutputTokens: 200,
});
const tools = {
  weather: aTool({ description: weather.description, inputSchema: jsonSchema(weather.parameters) }),
};
const said = ({ text, reasoningText, toolCalls, finishReason, usage }) => ({
  text, reasoningText, toolCalls, finishReason, usage,
});

export const text = async (url, topic) => said(await generateText(asked(url, topic)));
export const stream = async (url, topic) => all(streamText(asked(url, topic)).textStream);
export const events = async (url, topic) => {
  const seen = await all(streamText(asked(url, topic)).fullStream);
  return seen.map(({ type, text, finishReason, usage }) => ({ type, text, finishReason, usage }));
};
export const object = async (url, topic) =>
  (await generateObject({ ...asked(url, topic), schema: jsonSchema(person) })).object;
export const tool = async (url, topic) =>
  said(await generateText({ ...asked(url, topic), tools, toolChoice: "required" }));
export const embedding = async (url, topic) =>
  (await embed({ model: provider(url).textEmbeddingModel(MODEL), value: question(topic) })).embedding;
export const unknownModel = (url, topic) =>
  generateText({ ...asked(url, topic), model: provider(url)("nobody") });
