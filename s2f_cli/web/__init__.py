"""The browser page and the HTTP server.

page/    the page: HTML, CSS and JavaScript modules, served as they are
api/     the page that documents the API
site     the page as a folder for any static host, with models and ONNX Runtime Web
runtime  ONNX Runtime Web, from the npm registry
server   the page and an HTTP API (`s2f serve`)
conditions what models are given, as query parameters
faces    the faces of an image, for the page of the server
limits   request limits
protocol a limit for the header of a request
refusals one form of errors; HEAD; isolation; unknown parameters
uploads  images that arrive, and results
running  a server in this process; workers: several that share a port
operations whether the server is up and ready; metrics: what Prometheus reads
observing requests numbered, counted and logged; logs: as JSON
access   API keys and origins; rates: images of a client in a minute
space    the page as a Space of the Hugging Face Hub
"""
