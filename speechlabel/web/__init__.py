"""The server: FastAPI for the API and the media, Gradio for the pages, plain ES modules for the editor."""
