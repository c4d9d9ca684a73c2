"""Start speechlabel on the sample recordings: ``python app.py``.

Also for other servers: ``uvicorn app:app`` and ``gradio app.py`` find the application and the pages here.
"""

from speechlabel.web.serve import application, main

if __name__ == "__main__":
    main()
else:
    app = application()
    demo = app.state.blocks
