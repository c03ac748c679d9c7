// Package pets is a client that oapi-codegen has generated, of pets.yaml.
package pets

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.5.0 -generate types,client -package pets -o client.gen.go pets.yaml
