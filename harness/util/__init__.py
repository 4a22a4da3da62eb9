"""General tools: errors, paths, strict readers, JSONPath, serialization and JSON Schema."""
