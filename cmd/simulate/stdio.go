package main

var stdioCommand = &command{}
