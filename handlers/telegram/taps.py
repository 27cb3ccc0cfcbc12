"""What a citizen taps in a private chat; every tap is answered at once by the dispatcher."""

from datetime import datetime

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import AiogramError, TelegramEntityTooLarge, TelegramForbiddenError
from aiogram.types import CallbackQuery, FSInputFile

from bot.desk.acts import (
    DeskError,
    ExpiredChoiceError,
    NotAllowedError,
    UnknownConsultationError,
)
from bot.desk.desk import Desk
from bot.desk.ratings import RATINGS
from handlers.replies import Button, Section, Speaker, Words
from handlers.telegram import inquiries, progress, sentences
from handlers.telegram.buttons import NO_CHOICE, Act, Choice, OpenGuide, Rate, WantForm
from handlers.telegram.filters import InPrivate
from handlers.telegram.sending import REQUEST_SECONDS, delivery_error, tell
