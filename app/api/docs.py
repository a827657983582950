"""The pages people look at: `/docs` works on a control room's closed network, from no CDN."""

from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

STATIC_PATH: Final = "/docs-static"
_ASSETS: Final = Path(fastapi_offline.__file__).parent / "static"

_SWAGGER_SETTINGS: Final = {
    "validatorUrl": None,
    "tryItOutEnabled": True,
    "displayRequestDuration": True,
    "docExpansion": "list",
    "defaultModelsExpandDepth": 0,
    "syntaxHighlight": False,  # with colours the page fails on long answers, such as areas
}


def install(app: FastAPI) -> None:
    """Serve `/docs`, its assets, and `/` as the way there."""
    app.mount(STATIC_PATH, StaticFiles(directory=_ASSETS), name="docs-static")

    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}{app.openapi_url}",
            title=app.title,
            swagger_js_url=f"{root}{STATIC_PATH}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{STATIC_PATH}/swagger-ui.css",
            swagger_favicon_url=f"{root}{STATIC_PATH}/favicon.png",
            swagger_ui_parameters=_SWAGGER_SETTINGS,
        )

    @app.get("/", include_in_schema=False)
    async def landing(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/docs")
