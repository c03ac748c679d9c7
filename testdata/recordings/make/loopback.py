"""For mitmproxy: the hosts of random traffic are all this machine."""


def server_connect(data):
    data.server.address = ("127.0.0.1", data.server.address[1])
