import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";

import { KEY, MODEL, all, person, question, weather } from "./asking.mjs";

const model = (url, more = {}) =>
  new ChatOpenAI({
    model: MODEL, temperature: 0, maxTokens: 200, apiKey: KEY, configuration: { baseURL: `${url}/v1` },
    ...more,
  });
const told = ({ content, tool_calls, usage_metadata, response_metadata, id }) => ({
  id, content, tool_calls, usage_metadata, response_metadata,
});
const tools = [{ type: "function", function: weather }];

// LangChain's own names of the run change each time.
const run = () => ({ metadata: { run: String(Math.random()) }, tags: [String(Math.random())] });

export const invoke = async (url, topic) => told(await model(url).invoke(question(topic), run()));
export const stream = async (url, topic) =>
  (await all(await model(url).stream(question(topic), run()))).map(told);
export const tool = async (url, topic) =>
  told(await model(url).bindTools(tools, { tool_choice: "required" }).invoke(question(topic), run()));
export const structured = (url, topic) =>
  model(url).withStructuredOutput(person, { name: "person", method: "jsonSchema" }).invoke(question(topic));
export const responses = async (url, topic) =>
  told(await model(url, { useResponsesApi: true }).invoke(question(topic), run()));
export const embedding = (url, topic) =>
  new OpenAIEmbeddings({ model: MODEL, apiKey: KEY, configuration: { baseURL: `${url}/v1` } })
    .embedQuery(question(topic));
export const unknownModel = (url, topic) => model(url, { model: "nobody", maxRetries: 0 }).invoke(question(topic));
