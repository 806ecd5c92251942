import { accessEntities } from '@app/access';
import { useTestBed } from '@app/testing';

/** The entities of every room that has some. */
const entities = [...accessEntities];

describe('the entities', () => {
  const bed = useTestBed();

  it('are what the migrations made', async () => {
    const dataSource = await bed.dataSource(entities);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
