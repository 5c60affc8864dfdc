module llmcache.dev/pause

go 1.24
