package io.election.actuate;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.Selector.Match;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} that gives the outcomes of
 * {@link LeadershipEndpoint} their HTTP statuses.
 */
@EndpointWebExtension(endpoint = LeadershipEndpoint.class)
public class LeadershipEndpointWebExtension {

	private static final int CONFLICT = 409;

	private final LeadershipEndpoint delegate;

	/**
	 * Creates the extension.
	 * @param delegate what acts
	 */
	public LeadershipEndpointWebExtension(LeadershipEndpoint delegate) {
		this.delegate = delegate;
	}

	/**
	 * Describes an election as {@link LeadershipEndpoint#election} does.
	 * @param election the name of the election, in parts where it contains slashes
	 * @return the election, or 404 with what is wrong
	 */
	@ReadOperation
	public WebEndpointResponse<OperationResponseBody> election(
			@Selector(match = Match.ALL_REMAINING) String... election) {
		ElectionDescriptor descriptor = this.delegate.election(election);
		return (descriptor != null) ? new WebEndpointResponse<>(descriptor) : new WebEndpointResponse<>(
				LeadershipEndpoint.unknown(String.join("/", election), null), WebEndpointResponse.STATUS_NOT_FOUND);
	}

	/**
	 * Acts as {@link LeadershipEndpoint#act} does.
	 * @param election the name of the election, in parts where it contains slashes
	 * @param action see there
	 * @param standAside see there
	 * @return the outcome: 200, 400, 404 or 409
	 */
	@WriteOperation
	public WebEndpointResponse<ActionDescriptor> act(@Selector(match = Match.ALL_REMAINING) String[] election,
			@Nullable String action, @Nullable String standAside) {
		ActionDescriptor descriptor = this.delegate.act(election, action, standAside);
		return new WebEndpointResponse<>(descriptor, switch (descriptor.outcome()) {
			case ACCEPTED -> WebEndpointResponse.STATUS_OK;
			case INVALID -> WebEndpointResponse.STATUS_BAD_REQUEST;
			case UNKNOWN_ELECTION -> WebEndpointResponse.STATUS_NOT_FOUND;
			case NOT_LEADER -> CONFLICT;
		});
	}

}
