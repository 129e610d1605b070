package provider

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/vpclab/terraform-provider-vpclab/internal/provider/core"
)

// changedUserData names the argument by which the user data changes, "" when it
// stays. That it is written in the other form is no change.
func changedUserData(prior, planned *instanceModel) string {
	switch {
	case planned.UserData.IsUnknown():
		return "user_data"
	case planned.UserDataBase64.IsUnknown():
		return "user_data_base64"
	case userData(prior) == userData(planned):
		return ""
	case given(planned.UserDataBase64):
		return "user_data_base64"
	}
	return "user_data"
}

// userData is the instance's user data in base64, as the API has it.
func userData(m *instanceModel) string {
	if text := m.UserData.ValueString(); text != "" {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	return m.UserDataBase64.ValueString()
}

// readUserData shows the user data in the form the configuration gives it in; as
// text, if it is text, when there was none so far.
func readUserData(m *instanceModel, encoded string) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	asText := given(m.UserData) || m.UserDataBase64.IsNull() && encoded != "" && utf8.Valid(text)
	if asText && err == nil {
		m.UserData, m.UserDataBase64 = types.StringValue(string(text)), types.StringNull()
		return
	}
	m.UserData = types.StringNull()
	if encoded != "" || m.UserDataBase64.IsUnknown() {
		m.UserDataBase64 = core.Text(encoded)
	}
}
