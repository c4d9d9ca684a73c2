"""Start speechlabel on the sample recordings: ``python app.py``, with the options of ``speechlabel serve``.

Also for other servers: ``uvicorn app:app`` and ``gradio app.py`` find the application and the pages here.
"""

import sys

from speechlabel.cli import main as command_line
from speechlabel.web.serve import application, main

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.argv[:1] = ["speechlabel", "serve"]
        command_line()
    else:
        main()
else:
    app = application()
    demo = app.state.blocks
