//! The routes of organisations.

use enact_types::wire::{
    MemberChanged, MemberRemoved, MemberRequest, Members, OrgInfo, OrgRequest, RoleRequest,
};
use enact_types::{OwnerName, Role};
use reqwest::Method;

use super::{ApiError, Client};

impl Client {
    /// `POST /orgs`.
    pub(crate) async fn create_org(&self, request: &OrgRequest) -> Result<OrgInfo, ApiError> {
        let transport = &self.transport;
        transport.send_json(Method::POST, "/orgs", request).await
    }

    /// `GET /orgs/O`.
    pub(crate) async fn org(&self, org: &OwnerName) -> Result<OrgInfo, ApiError> {
        self.transport.get_json(&format!("/orgs/{org}"), &[]).await
    }

    /// `GET /orgs/O/members`.
    pub(crate) async fn members(&self, org: &OwnerName) -> Result<Members, ApiError> {
        let path = format!("/orgs/{org}/members");
        self.transport.get_json(&path, &[]).await
    }

    /// `POST /orgs/O/members`.
    pub(crate) async fn add_member(
        &self,
        org: &OwnerName,
        user: &OwnerName,
        role: Role,
    ) -> Result<MemberChanged, ApiError> {
        let path = format!("/orgs/{org}/members");
        let request = MemberRequest {
            username: user.to_string(),
            role: Some(role.to_string()),
        };
        let transport = &self.transport;
        transport.send_json(Method::POST, &path, &request).await
    }

    /// `PATCH /orgs/O/members/U`.
    pub(crate) async fn set_role(
        &self,
        org: &OwnerName,
        user: &OwnerName,
        role: Role,
    ) -> Result<MemberChanged, ApiError> {
        let path = format!("/orgs/{org}/members/{user}");
        let request = RoleRequest {
            role: role.to_string(),
        };
        let transport = &self.transport;
        transport.send_json(Method::PATCH, &path, &request).await
    }

    /// `DELETE /orgs/O/members/U`.
    pub(crate) async fn remove_member(
        &self,
        org: &OwnerName,
        user: &OwnerName,
    ) -> Result<MemberRemoved, ApiError> {
        let path = format!("/orgs/{org}/members/{user}");
        let nothing = serde_json::Map::new();
        let transport = &self.transport;
        transport.send_json(Method::DELETE, &path, &nothing).await
    }
}
