package meshwork.api.draft;

/**
 * What became of a proposal.
 *
 * @param sequence the sequence that it was for
 * @param proposed the tree
 * @param accepted how many of its nodes, along one path from the start, the target picked
 * @param next the token that the target picked after them
 */
public record Verification(long sequence, TokenTree proposed, int accepted, int next) {
}
