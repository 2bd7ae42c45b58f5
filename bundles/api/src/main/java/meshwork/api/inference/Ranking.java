package meshwork.api.inference;

/**
 * How well documents answer a query.
 *
 * @param scores of the documents, in their order: the higher, the better
 * @param tokens that were read
 */
public record Ranking(float[] scores, int tokens) {
}
