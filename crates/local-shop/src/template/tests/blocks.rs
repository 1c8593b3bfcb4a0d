//! Blocks that were copied from another operation's.

use super::{parameters, refused};

#[test]
fn a_block_that_was_copied_and_not_changed_throughout_is_an_error() {
    for (written, copied, expected) in [
        (
            "execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/*/GET/orders/*\"",
            "execute-api:${AWS::Region}:${AWS::AccountId}:${ApiId}/*/GET/orders\"",
            "the permission of get-order must be for its route and end in /*/GET/orders/*",
        ),
        (
            "FunctionName: !Sub \"${Shop}-get-order\"",
            "FunctionName: !Sub \"${Shop}-list-orders\"",
            "the function of get-order must be named after it",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !Ref GotOrder\n",
            "GotOrder is no function of this template",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !If [Gradual, !Ref ListOrders.Alias, !Ref ListOrders]\n",
            "the permission of list-orders must be for its route",
        ),
        (
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref GetOrder]\n",
            "FunctionName: !If [Gradual, !Ref GetOrder.Alias, !Ref ListOrders]\n",
            "the permission names no one function",
        ),
        (
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt GetOrder.Arn]\n",
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt ListOrders.Arn]\n",
            "the route GET /orders/{order_id} leads to no one function",
        ),
        (
            "IntegrationUri: !If [Gradual, !Ref GetOrder.Alias, !GetAtt GetOrder.Arn]\n",
            "IntegrationUri: !If [Gradual, !GetAtt GetOrder.Arn]\n",
            "the route GET /orders/{order_id} leads to no one function",
        ),
    ] {
        let error = refused(written, copied, &parameters());
        assert!(error.contains(expected), "{error}");
    }
}
