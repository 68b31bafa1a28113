"""Sign-in by the organisation's identity provider: OpenID Connect, as Authlib does it, with PKCE."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import SendsafeError
from serving.review.people import Role
from serving.settings import Settings

_SECONDS = 5.0


class ProviderAwayError(SendsafeError):
    """The identity provider does not answer, or not as it should."""


class RefusedError(SendsafeError):
    """The identity provider does not vouch for this person, or gives no role."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider vouches for."""

    subject: str
    name: str = field(repr=False)
    roles: tuple[Role, ...]


class Provider:
    """One identity provider."""

    def __init__(self, settings: Settings) -> None:
        self._claim = settings.oidc_roles_claim
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        self._client = OAuth().register(
            "desk",
            client_id=settings.oidc_client_id,
            client_secret=secret,
            server_metadata_url=f"{str(settings.oidc_issuer).rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": _SECONDS},
        )

    async def start(self, request: Request, come_back: str) -> Response:
        """Send a browser to the provider.

        Raises:
            ProviderAwayError: the provider does not answer.
        """
        try:
            response: Response = await self._client.authorize_redirect(request, come_back)
        except Exception as error:
            raise ProviderAwayError("the identity provider does not answer") from error
        return response

    async def finish(self, request: Request) -> Person:
        """Return whom the provider vouches for; state, nonce, signature, issuer, audience and time are checked.

        Raises:
            ProviderAwayError: the provider does not answer.
            RefusedError: it refuses, or what it says does not hold.
        """
        try:
            token = await self._client.authorize_access_token(request)
        except OAuthError:
            raise RefusedError("the identity provider did not sign you in") from None
        except (httpx2.HTTPError, OSError) as error:
            raise ProviderAwayError("the identity provider does not answer") from error
        except Exception as error:
            raise RefusedError("what the identity provider said does not hold") from error
        return self._person(token.get("userinfo") or {})

    def _person(self, claims: Mapping[str, Any]) -> Person:
        given = claims.get(self._claim)
        names = given.split() if isinstance(given, str) else given if isinstance(given, list) else []
        roles = tuple(Role(each) for each in names if isinstance(each, str) and each in set(Role))
        if not claims.get("sub") or not roles:
            raise RefusedError("the identity provider gives you no role at this desk")
        name = next((claims[each] for each in ("name", "preferred_username", "email") if isinstance(claims.get(each), str)), "A reviewer")
        return Person(f"{claims.get('iss')} {claims['sub']}", name, roles)
