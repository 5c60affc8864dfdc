// The clients for Go. Reads {"call", "url", "topic"} a line, answers {"value"} or {"error"} a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	other "github.com/sashabaranov/go-openai"
)

const (
	key   = "sk-clients"
	model = "tiny"
)

type order struct {
	Call, URL, Topic string
}

type failure struct {
	Kind   string `json:"kind"`
	Status int    `json:"status"`
	Text   string `json:"text"`
}

type call func(ctx context.Context, url, topic string) (any, error)

var calls = map[string]call{
	"official.chat":                      officialChat,
	"official.stream":                    officialStream,
	"official.tool":                      officialTool,
	"official.responses":                 officialResponses,
	"official.unknownModel":              officialUnknownModel,
	"sashabaranov.chat":                  otherChat,
	"sashabaranov.stream":                otherStream,
	"sashabaranov.streamThatMayBeCached": otherStreamThatMayBeCached,
	"sashabaranov.wrongKey":              otherWrongKey,
}

func question(topic string) string { return "How is " + topic + " sent?" }

// One client for a URL: its connections are used again.
var officials = map[string]openai.Client{}

func official(url string) openai.Client {
	if _, known := officials[url]; !known {
		officials[url] = openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey(key))
	}
	return officials[url]
}

func body(topic string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:       model,
		Temperature: openai.Float(0),
		MaxTokens:   openai.Int(200),
		Messages:    []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question(topic))},
	}
}

func raw(text string, err error) (any, error) { return json.RawMessage(text), err }

func officialChat(ctx context.Context, url, topic string) (any, error) {
	client := official(url)
	answer, err := client.Chat.Completions.New(ctx, body(topic))
	if err != nil {
		return nil, err
	}
	return raw(answer.RawJSON(), nil)
}

func officialStream(ctx context.Context, url, topic string) (any, error) {
	client := official(url)
	asked := body(topic)
	asked.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(ctx, asked)
	chunks := []json.RawMessage{}
	for stream.Next() {
		chunk := stream.Current()
		chunks = append(chunks, json.RawMessage(chunk.RawJSON()))
	}
	return chunks, stream.Err()
}

func officialTool(ctx context.Context, url, topic string) (any, error) {
	client := official(url)
	asked := body(topic)
	asked.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "weather",
			// A map: Go writes its keys in the order of the alphabet.
			Parameters: openai.FunctionParameters{
				"type":       "object",
				"required":   []string{"city"},
				"properties": map[string]any{"city": map[string]any{"type": "string"}},
			},
		}),
	}
	asked.ToolChoice.OfAuto = openai.String("required")
	answer, err := client.Chat.Completions.New(ctx, asked)
	if err != nil {
		return nil, err
	}
	return raw(answer.RawJSON(), nil)
}

func officialResponses(ctx context.Context, url, topic string) (any, error) {
	client := official(url)
	answer, err := client.Responses.New(ctx, responses.ResponseNewParams{
		Model:           model,
		Temperature:     openai.Float(0),
		MaxOutputTokens: openai.Int(200),
		Input:           responses.ResponseNewParamsInputUnion{OfString: openai.String(question(topic))},
	})
	if err != nil {
		return nil, err
	}
	return raw(answer.RawJSON(), nil)
}

func officialUnknownModel(ctx context.Context, url, topic string) (any, error) {
	client := official(url)
	asked := body(topic)
	asked.Model = "nobody"
	return client.Chat.Completions.New(ctx, asked)
}

var others = map[string]*other.Client{}

func client(url, key string) *other.Client {
	if _, known := others[url+key]; !known {
		config := other.DefaultConfig(key)
		config.BaseURL = url + "/v1"
		others[url+key] = other.NewClientWithConfig(config)
	}
	return others[url+key]
}

func otherBody(topic string) other.ChatCompletionRequest {
	return other.ChatCompletionRequest{
		Model:     model,
		MaxTokens: 200,
		// It leaves a plain zero out, which would mean the engine's own temperature.
		Temperature: 1e-45,
		Messages:    []other.ChatCompletionMessage{{Role: "user", Content: question(topic)}},
	}
}

func otherChat(ctx context.Context, url, topic string) (any, error) {
	return client(url, key).CreateChatCompletion(ctx, otherBody(topic))
}

func otherStream(ctx context.Context, url, topic string) (any, error) {
	return chunks(ctx, client(url, key), topic)
}

// It asks for a fresh answer with each stream; this takes that header away.
type withoutNoCache struct{ http.Client }

func (c *withoutNoCache) Do(asked *http.Request) (*http.Response, error) {
	asked.Header.Del("Cache-Control")
	return c.Client.Do(asked)
}

func otherStreamThatMayBeCached(ctx context.Context, url, topic string) (any, error) {
	config := other.DefaultConfig(key)
	config.BaseURL = url + "/v1"
	config.HTTPClient = &withoutNoCache{}
	return chunks(ctx, other.NewClientWithConfig(config), topic)
}

func chunks(ctx context.Context, client *other.Client, topic string) (any, error) {
	asked := otherBody(topic)
	asked.StreamOptions = &other.StreamOptions{IncludeUsage: true}
	stream, err := client.CreateChatCompletionStream(ctx, asked)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	chunks := []any{}
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return chunks, nil
		}
		if err != nil {
			return nil, err
		}
		chunks = append(chunks, chunk)
	}
}

func otherWrongKey(ctx context.Context, url, topic string) (any, error) {
	return client(url, "sk-wrong").CreateChatCompletion(ctx, otherBody(topic))
}

func status(err error) int {
	var theirs *openai.Error
	var others *other.APIError
	var refused *other.RequestError
	switch {
	case errors.As(err, &theirs):
		return theirs.StatusCode
	case errors.As(err, &refused): // it may hold an APIError that knows of no status
		return refused.HTTPStatusCode
	case errors.As(err, &others):
		return others.HTTPStatusCode
	}
	return 0
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked order
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		said := map[string]any{}
		if value, err := calls[asked.Call](context.Background(), asked.URL, asked.Topic); err != nil {
			said["error"] = failure{fmt.Sprintf("%T", err), status(err), err.Error()}
		} else {
			said["value"] = value
		}
		line, err := json.Marshal(said)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
