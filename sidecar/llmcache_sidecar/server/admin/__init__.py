"""The admin plane's rooms: one module a subject.

What may enter: `routes` (what a route is, and the errors), `models` (what goes over the wire, as
pydantic models), `queries` (what a query names), the handlers (`health`, `entries`, `explain`,
`console`), and `openapi`, which describes all of it. `server.admin_plane` puts them together; a
handler knows the pipeline and ports, never another handler.
"""
