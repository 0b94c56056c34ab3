package fhir_test

import (
	"os"
	"strings"
	"testing"

	"waypost/web/fhir"
	"waypost/web/openapi"
	"waypost/web/openapi/openapitest"
)

// described holds every answer that these tests see against /openapi.json.
var described = openapitest.Watch(openapi.Document(), func(operation string) bool {
	return strings.Contains(operation, fhir.Base) && !strings.Contains(operation, ".well-known")
}, "429", "500", "503")

func TestMain(m *testing.M) { os.Exit(described.Main(m)) }
