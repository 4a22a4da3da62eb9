module llm-conformance/anthropic_community

go 1.25

require (
	github.com/liushuangls/go-anthropic/v2 v2.23.0
	llm-conformance/jobs v0.0.0
)

replace llm-conformance/jobs => ../jobs
