module llm-conformance/jobs

go 1.25
