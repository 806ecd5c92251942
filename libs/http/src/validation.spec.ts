import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { HttpProblem } from './http-problem';
import { validation } from './validation';

class Inner {
  @IsString()
  @MaxLength(8)
  token!: string;
}

class Body {
  @IsInt()
  @Min(1)
  @Max(9)
  count!: number;

  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsString({ each: true })
  @MaxLength(3, { each: true })
  names?: string[];
}

describe('the validation of a body', () => {
  const validate = (body: unknown): Promise<unknown> =>
    validation.transform(body, { type: 'body', metatype: Body });

  it('lets in what is right', async () => {
    await expect(validate({ count: 1, inner: { token: 'x' } })).resolves.toEqual({
      count: 1,
      inner: { token: 'x' },
    });
  });

  it('names each field that is wrong by its path, and shows no value', async () => {
    const refused = validate({ count: 'hush', inner: { token: 4_711 }, more: 'hush' });
    await expect(refused).rejects.toBeInstanceOf(HttpProblem);
    await expect(refused).rejects.toMatchObject({
      statusCode: 400,
      code: 'VALIDATION_FAILED',
      extras: {
        problems: [
          'property more should not exist',
          'count must be an integer number',
          'inner.token must be a string',
        ],
      },
    });
  });

  const good = { count: 1, inner: { token: 'x' } };
  it.each<[string, object, string]>([
    ['is missing', { count: undefined }, 'count must be an integer number'],
    ['is of another kind', { count: 'x' }, 'count must be an integer number'],
    ['is too small', { count: 0 }, 'count must not be less than 1'],
    ['is too large', { count: 10 }, 'count must not be greater than 9'],
    ['is no list', { names: 'many' }, 'names must be an array'],
    ['is too long', { names: ['a', 'b', 'c'] }, 'names must contain no more than 2 elements'],
    ['holds others', { names: [1, 'long'] }, 'each value in names must be a string'],
    ['is no object', { inner: 'x' }, 'inner must be a non-empty object'],
    ['is empty', { inner: {} }, 'inner must be a non-empty object'],
    ['holds nothing', { inner: { token: null } }, 'inner.token must be a string'],
    ['holds too much', { inner: { token: 'x', p: 1 } }, 'property inner.p should not exist'],
    ['is nobody’s', { $1: 1 }, 'property $1 should not exist'],
    ['is endless', { ['y'.repeat(1_000)]: 1 }, `property ${'y'.repeat(100)} should not exist`],
  ])('tells one problem of a field that %s, the one that says most', async (_, change, problem) => {
    const refused = validate({ ...good, ...change });
    await expect(refused).rejects.toMatchObject({ extras: { problems: [problem] } });
  });
});
