"""The page that runs a model: as files for any static host, and as what `s2f serve` shows.

page/       the page itself: HTML, CSS and JavaScript modules as a browser takes them
site        the page as a folder, with models and ONNX Runtime Web
runtime     ONNX Runtime Web out of the npm registry
server      the page and an HTTP API (api/ is its page for people)
gate        what a server lets in
"""
