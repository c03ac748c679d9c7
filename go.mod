module github.com/corsim/corsim

go 1.26
