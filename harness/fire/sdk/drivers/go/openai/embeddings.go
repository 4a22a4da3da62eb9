package main

import (
	"context"

	"github.com/openai/openai-go/v3"

	"llm-conformance/jobs"
)

// embed requests embeddings; the endpoint has no other script.
func embed(job jobs.Job) (any, error) {
	params, err := jobs.Parameters[openai.EmbeddingNewParams](job.Request)
	if err != nil {
		return nil, err
	}
	api := client(job)
	answer, err := api.Embeddings.New(context.Background(), params)
	if err != nil {
		return nil, err
	}
	embeddings, indexes := [][]float64{}, []int64{}
	for _, item := range answer.Data {
		embeddings, indexes = append(embeddings, item.Embedding), append(indexes, item.Index)
	}
	return jobs.Object{
		"embeddings": embeddings,
		"indexes":    indexes,
		"model":      answer.Model,
		"usage": jobs.Object{
			"prompt_tokens": answer.Usage.PromptTokens,
			"total_tokens":  answer.Usage.TotalTokens,
		},
	}, nil
}
