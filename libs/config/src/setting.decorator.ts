import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUrl,
  Max,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import type { Role } from './roles';
import type { Settings } from './settings';
import { roles } from './roles';

/** What a setting is for, as `.env.example` says it. */
export interface SettingInfo {
  /** Why it exists and what it means, one or two sentences. */
  readonly doc: string;
  /** Which processes read it; all of them unless said. */
  readonly readBy?: readonly Role[];
  /** For a setting without a default: what a value looks like. */
  readonly example?: string;
  /** Its value may hold a password: it can also be given in the file that `<NAME>_FILE` names. */
  readonly maybeSecret?: boolean;
  /** When a process that reads it can do without it after all. */
  readonly unless?: (settings: Settings) => boolean;
}

/** A setting as it was declared: enough to document it and to find it in the environment. */
export interface DeclaredSetting extends SettingInfo {
  readonly property: string;
  /** The variable's name: the property in SCREAMING_SNAKE. */
  readonly variable: string;
}

const declared: DeclaredSetting[] = [];

/** Every setting, in the order of its declaration. */
export function declaredSettings(): readonly DeclaredSetting[] {
  return declared;
}

/** A line of text. Without a default in the class, the roles that read it can't do without it. */
export function TextSetting(info: SettingInfo): PropertyDecorator {
  return setting(info, IsString(), MinLength(1));
}

/** A line of text that may be empty or absent. */
export function OptionalTextSetting(info: SettingInfo): PropertyDecorator {
  return setting(info, IsOptional(), IsString());
}

/** A whole number within its bounds, the bounds included. */
export function IntegerSetting(
  info: SettingInfo & { readonly min: number; readonly max: number },
): PropertyDecorator {
  return setting(info, Transform(toNumber), IsInt(), Min(info.min), Max(info.max));
}

/** One word of a list, or nothing. */
export function OptionalChoiceSetting(
  info: SettingInfo & { readonly choices: readonly string[] },
): PropertyDecorator {
  return setting(info, IsOptional(), IsIn([...info.choices]));
}

/** The URL of a server that is reached over HTTP, or nothing. */
export function OptionalHttpUrlSetting(info: SettingInfo): PropertyDecorator {
  const names = { require_tld: false, allow_underscores: true };
  const rule = IsUrl(
    { ...names, protocols: ['http', 'https'], require_protocol: true },
    { message: '$property must be a URL that begins with http:// or https://' },
  );
  return setting(info, IsOptional(), rule);
}

/** A part of a whole, from 0 to 1. */
export function RatioSetting(info: SettingInfo): PropertyDecorator {
  return setting(info, Transform(toNumber), IsNumber(), Min(0), Max(1));
}

/** A TCP port. */
export function PortSetting(info: SettingInfo): PropertyDecorator {
  return IntegerSetting({ ...info, min: 1, max: 65_535 });
}

/** One word of a list. */
export function ChoiceSetting(
  info: SettingInfo & { readonly choices: readonly string[] },
): PropertyDecorator {
  return setting(info, IsIn([...info.choices]));
}

/** Words of a list, separated by commas; none when it is empty. */
export function ListSetting(
  info: SettingInfo & { readonly choices: readonly string[] },
): PropertyDecorator {
  return setting(info, Transform(toWords), IsIn([...info.choices], { each: true }));
}

function setting(info: SettingInfo, ...rules: PropertyDecorator[]): PropertyDecorator {
  const readBy = info.readBy ?? roles;
  return (target, key) => {
    const property = String(key);
    declared.push({ ...info, property, variable: variableOf(property) });
    const asked = ValidateIf(
      (settings: Settings) => readBy.includes(settings.role) && !info.unless?.(settings),
    );
    applyDecorators(asked, ...rules)(target, key);
  };
}

function variableOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

/** Leaves what is no number as it is, so that the validation can name it. */
function toNumber({ value }: { value: unknown }): unknown {
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
}

/** `a, b` as its words. */
function toWords({ value }: { value: unknown }): unknown {
  if (typeof value !== 'string') return value;
  return value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
