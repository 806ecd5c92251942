import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { HttpProblem } from './http-problem';
import { validation } from './validation';

class Inner {
  @IsString()
  token!: string;
}

class Body {
  @IsInt()
  count!: number;

  @ValidateNested()
  @Type(() => Inner)
  inner!: Inner;
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
});
