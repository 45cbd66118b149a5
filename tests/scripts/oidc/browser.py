"""A browser as small as it can be: cookies, links that redirect, and forms that are filled in by the names of their
fields. Prints the last page's status, address and body."""

import argparse
import html.parser
import http.cookiejar
import sys
import urllib.error
import urllib.parse
import urllib.request

FORMS_MAX = 6  # A sign-in has two or three; more is a circle.


class Forms(html.parser.HTMLParser):
    """The forms of a page, each with its action, method and fields."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "form":
            self.forms.append((named.get("action"), named.get("method", "get"), {}))
        elif tag in ("input", "button") and self.forms and named.get("name"):
            self.forms[-1][2].setdefault(named["name"], named.get("value") or "")


class Browser:
    def __init__(self, jar):
        self.jar = http.cookiejar.LWPCookieJar(jar)
        try:
            self.jar.load(ignore_discard=True)
        except FileNotFoundError:
            pass
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.jar)
        )
        self.opener.addheaders = [("Accept", "text/html,*/*;q=0.8"), ("Accept-Language", "fr")]

    def open(self, address, fields=None):
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            answer = self.opener.open(address, data, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        self.status, self.address = answer.status, answer.geturl()
        self.body = answer.read().decode(errors="replace")
        self.jar.save(ignore_discard=True)

    def fill(self, known, actions):
        """Sends the first form that has one of the known fields or leads to one of the actions; false if there is
        none."""
        page = Forms()
        page.feed(self.body)
        for action, method, fields in page.forms:
            wanted = actions & {action, "@" + fields.get("_handler", "")}
            if wanted:
                actions -= wanted
            elif not set(known) & set(fields):
                continue
            fields.update({name: value for name, value in known.items() if name in fields and value is not None})
            target = urllib.parse.urljoin(self.address, action or self.address)
            if method.lower() == "post":
                self.open(target, fields)
            else:
                self.open(target.split("?")[0] + "?" + urllib.parse.urlencode(fields))
            return True
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jar", help="file of the cookies")
    parser.add_argument("address")
    parser.add_argument("fields", nargs="*", help="NAME=VALUE to fill into forms, page after page; NAME to send a form "
                        "that has it as it is; /ACTION to send the form that leads there, once; @NAME to send the "
                        "portal's form of that name, once")
    arguments = parser.parse_args()
    browser = Browser(arguments.jar)
    browser.open(arguments.address)
    actions = {field for field in arguments.fields if field[0] in "/@"}
    known = {name: value if equals else None
             for name, equals, value in (field.partition("=") for field in arguments.fields if field not in actions)}
    for _ in range(FORMS_MAX):
        if not browser.fill(known, actions):
            break
    print(browser.status, browser.address)
    print(browser.body)
    return 0 if browser.status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
