module llm-conformance/openai_community

go 1.25

require (
	github.com/sashabaranov/go-openai v1.43.0
	llm-conformance/jobs v0.0.0
)

replace llm-conformance/jobs => ../jobs
