#!/usr/bin/env python3
"""The portal as a browser without script uses it: one act for each call, with the session in a file.

    portal_client.py URL COOKIES sign-in EMAIL PASSWORD
    portal_client.py URL COOKIES add-device NAME SYSTEM     prints the path of the page that waits for it
    portal_client.py URL COOKIES show PATH | text PATH ID | save PATH FILE | revoke PATH
"""
import html
import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request

url, cookies, act, *arguments = sys.argv[1:]
jar = http.cookiejar.LWPCookieJar(cookies)
try:
    jar.load(ignore_discard=True)
except FileNotFoundError:
    pass
browser = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
browser.addheaders = [("Accept-Language", "fr")]


def get(path):
    with browser.open(url + path, timeout=60) as answer:
        return answer.read()


def submit(path, form, fields):
    """Sends the form of that name, with what it hides; returns the path where it led."""
    page = get(path).decode()
    name = f'name="_handler" value="{form}"'
    body = next(part for part in page.split("<form")[1:] if name in part)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', body)
    data = {html.unescape(key): html.unescape(value) for key, value in hidden} | fields
    with browser.open(url + path, urllib.parse.urlencode(data).encode(), timeout=60) as answer:
        return answer.geturl().removeprefix(url)


if act == "sign-in":
    led = submit("/connexion", "mot-de-passe", {"Email": arguments[0], "Password": arguments[1]})
    if led.startswith("/connexion"):
        sys.exit("The sign-in was refused.")
elif act == "add-device":
    print(submit("/postes/ajouter", "ajouter", {"Name": arguments[0], "Kind": "Fixed", "System": arguments[1]}))
elif act == "revoke":
    submit(arguments[0], "revoquer", {})
elif act == "show":
    print(get(arguments[0]).decode())
elif act == "text":
    found = re.search(rf'id="{arguments[1]}"[^>]*>([^<]*)<', get(arguments[0]).decode())
    print(html.unescape(found[1]))
elif act == "save":
    with open(arguments[1], "wb") as file:
        file.write(get(arguments[0]))
else:
    sys.exit(__doc__)
jar.save(ignore_discard=True)
