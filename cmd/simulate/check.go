package main

var checkCommand, stdioCommand = &command{}, &command{}
